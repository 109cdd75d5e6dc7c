//! Starts the door and stops it on a signal.

use std::error::Error;
use std::io::Write as _;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;
use tokio::task::JoinSet;

use crate::connection::{Door, Phase};
use crate::gate::{Gate, Origin};
use crate::listener::{Listener, Places, listen};
use crate::log::log;
use crate::metrics::{self, Metrics};
use crate::settings::Settings;
use crate::tls::Files;

/// Open files besides the two of each connection.
const OTHER_FILES: usize = 200;

/// # Errors
/// Why the door cannot start.
pub async fn run(settings: Settings) -> Result<(), Box<dyn Error>> {
    let token = settings.token()?;
    let origin = Origin::parse(&settings.gate)?;
    if origin.is_plain() && !origin.is_local() {
        log(
            "warning",
            "gate-plain",
            &[("detail", "passwords and messages go to the gate without TLS; use an https:// address")],
        );
    }
    let name = match &settings.name {
        Some(name) => name.clone(),
        None => machine_name(),
    };
    let files = settings.cert.clone().zip(settings.key.clone()).map(|(cert, key)| Files { cert, key });
    if settings.self_signed
        && let Some(files) = &files
    {
        files.make_where_missing(&name)?;
    }
    let tls = files.map(Files::acceptor).transpose()?;
    if tls.is_none() && !settings.listen_tls.is_empty() {
        return Err("--listen-tls needs --cert and --key".into());
    }
    let files = u64::try_from(2 * settings.max_connections + OTHER_FILES)?;
    if rlimit::increase_nofile_limit(files).is_ok_and(|most| most < files) {
        log(
            "warning",
            "few-files",
            &[("detail", "fewer files may be open than connections need: raise the limit (ulimit -n, LimitNOFILE)")],
        );
    }
    let metrics = Arc::new(Metrics::default());
    let patience = Duration::from_secs(settings.gate_seconds);
    let gate = Gate::new(origin, token, patience, settings.window, Arc::clone(&metrics));
    let door = Arc::new(Door {
        terms: Arc::new(settings.terms(name)),
        patience: settings.patience(),
        tls,
        gate,
        metrics: Arc::clone(&metrics),
    });

    let mut listeners = Vec::new();
    for (addresses, secure) in [(settings.addresses(), false), (settings.listen_tls.clone(), true)] {
        for address in addresses {
            listeners.push(Listener { socket: bind(address).await?, secure });
        }
    }
    let watched = match settings.metrics {
        Some(address) => Some(bind(address).await?),
        None => None,
    };
    for Listener { socket, secure } in &listeners {
        let scheme = if *secure { "smtps" } else { "smtp" };
        say(&format!("ready {scheme}://{}", socket.local_addr()?));
    }
    if let Some(watched) = watched {
        say(&format!("metrics http://{}/metrics", watched.local_addr()?));
        tokio::spawn(metrics::serve(watched, metrics));
    }

    let (tell, phase) = watch::channel(Phase::Open);
    let places = Places::new(settings.max_connections, settings.max_connections_per_address);
    let mut served = JoinSet::new();
    for listener in listeners {
        served.spawn(listen(listener, Arc::clone(&door), Arc::clone(&places), phase.clone()));
    }
    let (mut terminate, mut interrupt) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
    log("info", "draining", &[]);
    tell.send_replace(Phase::Draining);
    let ended = async { while served.join_next().await.is_some() {} };
    tokio::pin!(ended);
    tokio::select! {
        () = &mut ended => return Ok(()),
        () = tokio::time::sleep(Duration::from_secs(settings.drain_seconds)) => {}
        // A second signal ends the wait.
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
    tell.send_replace(Phase::Stopped);
    // Writing the last replies takes a moment at most.
    let _ = tokio::time::timeout(Duration::from_secs(2), ended).await;
    Ok(())
}

async fn bind(address: SocketAddr) -> Result<TcpListener, String> {
    TcpListener::bind(address).await.map_err(|error| format!("cannot listen at {address}: {error}"))
}

fn say(line: &str) {
    // The door works without its standard output too.
    let _ = writeln!(std::io::stdout(), "{line}").and_then(|()| std::io::stdout().flush());
}

fn machine_name() -> String {
    let name = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    let name = name.trim();
    if name.is_empty() { "localhost".to_owned() } else { name.to_owned() }
}
