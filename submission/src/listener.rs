//! Accepts connections and limits their number.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;

use crate::connection::{Door, Phase, serve};
use crate::log::log;
use crate::reply::Reply;

/// Counts the connections, in total and per address.
#[derive(Debug)]
pub struct Places {
    most: usize,
    most_each: usize,
    taken: Mutex<Taken>,
}

#[derive(Debug, Default)]
struct Taken {
    all: usize,
    each: HashMap<IpAddr, usize>,
}

/// The place of one connection. It is free again when this is dropped.
#[derive(Debug)]
pub struct Place {
    places: Arc<Places>,
    whose: IpAddr,
}

impl Places {
    /// With the limits in total and per address.
    #[must_use]
    pub fn new(most: usize, most_each: usize) -> Arc<Self> {
        Arc::new(Self { most, most_each, taken: Mutex::default() })
    }

    fn take(self: &Arc<Self>, client: IpAddr) -> Result<Place, &'static str> {
        let whose = network(client);
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        if taken.all >= self.most {
            return Err("too many connections; try again later");
        }
        let each = taken.each.entry(whose).or_default();
        if *each >= self.most_each {
            return Err("too many connections from your address; use fewer at a time");
        }
        *each += 1;
        taken.all += 1;
        Ok(Place { places: Arc::clone(self), whose })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut taken = self.places.taken.lock().unwrap_or_else(PoisonError::into_inner);
        taken.all -= 1;
        if let Some(each) = taken.each.get_mut(&self.whose) {
            *each -= 1;
            if *each == 0 {
                taken.each.remove(&self.whose);
            }
        }
    }
}

/// For IPv6 the /64 network, because one customer has at least 2⁶⁴ addresses.
fn network(client: IpAddr) -> IpAddr {
    match client.to_canonical() {
        IpAddr::V6(address) => Ipv6Addr::from_bits(address.to_bits() & (u128::MAX << 64)).into(),
        address @ IpAddr::V4(_) => address,
    }
}

/// One address to listen at.
#[derive(Debug)]
pub struct Listener {
    /// Bound.
    pub socket: TcpListener,
    /// TLS from the first octet on.
    pub secure: bool,
}

/// Accepts connections until the door closes, and returns when all of them have ended.
pub async fn listen(listener: Listener, door: Arc<Door>, places: Arc<Places>, phase: watch::Receiver<Phase>) {
    let Listener { socket, secure } = listener;
    let mut connections = JoinSet::new();
    let mut closes = phase.clone();
    loop {
        tokio::select! {
            biased;
            () = closing(&mut closes) => break,
            Some(_) = connections.join_next() => {}
            accepted = socket.accept() => match accepted {
                Ok((stream, from)) => match places.take(from.ip()) {
                    Ok(place) => {
                        door.metrics.connection("taken");
                        // Replies are short, and the client waits for each.
                        let _ = stream.set_nodelay(true);
                        let open = door.metrics.opened();
                        let served = serve(Arc::clone(&door), stream, from.ip(), secure, phase.clone());
                        connections.spawn(async move {
                            served.await;
                            drop((open, place));
                        });
                    }
                    Err(why) => {
                        door.metrics.connection("refused");
                        turn_away(&stream, why, secure);
                    }
                },
                Err(error) => {
                    // Most likely too many open files. Open connections continue.
                    log("error", "accept-failed", &[("detail", &error.to_string())]);
                    tokio::time::sleep(Duration::from_millis(100)).await;
                }
            },
        }
    }
    drop(socket);
    while connections.join_next().await.is_some() {}
}

async fn closing(phase: &mut watch::Receiver<Phase>) {
    // An error means that the sender is gone, which closes the door too.
    let _ = phase.wait_for(|phase| *phase != Phase::Open).await;
}

/// Without a reply on a TLS port, where a handshake would be needed first.
fn turn_away(stream: &TcpStream, why: &'static str, secure: bool) {
    if !secure {
        let _ = stream.try_write(&Reply::new(421, "4.7.0", why).octets(false));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places() {
        let places = Places::new(3, 2);
        let of = |text: &str| places.take(text.parse().unwrap());
        let (first, second) = (of("192.0.2.1").unwrap(), of("::ffff:192.0.2.1").unwrap());
        assert!(of("192.0.2.1").is_err_and(|why| why.contains("your address")));
        let third = of("2001:db8::1").unwrap();
        assert!(of("192.0.2.2").is_err_and(|why| why.starts_with("too many connections;")));
        drop(first);
        let fourth = of("2001:db8::ffff:2").unwrap();
        drop(second);
        assert!(of("2001:db8:0:0:8000::").is_err_and(|why| why.contains("your address")));
        drop((third, fourth));
        assert_eq!(places.taken.lock().unwrap().each.len(), 0);
    }
}
