//! Mail servers that relay for their own network: what they make of an authorized message is judged again.
//!
//! Each runs from a folder of its own, on the loopback, and is ended when the run ends.

use std::collections::HashSet;
use std::fs;
use std::net::{Ipv4Addr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::case::edited;
use crate::compare::Limits;
use crate::engine::Engine;
use crate::messages::{Rows, message};
use crate::smtp::{Client, Received, sink};

/// A server that was started.
struct Server {
    name: &'static str,
    child: Child,
    port: u16,
    folder: PathBuf,
}

impl Drop for Server {
    fn drop(&mut self) {
        // Its children end with the master.
        let _ = Command::new("kill").args(["-TERM", &self.child.id().to_string()]).status();
        for _ in 0..30 {
            if self.child.try_wait().is_ok_and(|status| status.is_some()) {
                break;
            }
            thread::sleep(Duration::from_millis(100));
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
        let _ = fs::remove_dir_all(&self.folder);
    }
}

fn free_port() -> Result<u16, String> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).map_err(|error| error.to_string())?;
    listener.local_addr().map(|address| address.port()).map_err(|error| error.to_string())
}

fn run(program: &str, arguments: &[&str]) -> Result<(), String> {
    let status = Command::new(program).args(arguments).status().map_err(|error| format!("{program}: {error}"))?;
    if status.success() { Ok(()) } else { Err(format!("{program} {}: {status}", arguments.join(" "))) }
}

/// A fresh folder outside the repository: the servers' own users must be able to look into it.
fn fresh(name: &str) -> Result<PathBuf, String> {
    let folder = std::env::temp_dir().join(format!("differential-{name}-{}", std::process::id()));
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    Ok(folder)
}

fn write(path: &Path, text: &str) -> Result<(), String> {
    fs::write(path, text).map_err(|error| format!("{}: {error}", path.display()))
}

/// Postfix as Debian sets it up, relaying for its network to `next`.
fn postfix(unpacked: &Path, next: u16) -> Result<Server, String> {
    let folder = fresh("postfix")?;
    let (home, port) = (folder.to_string_lossy().into_owned(), free_port()?);
    let source = unpacked.join("postfix");
    run("cp", &["-r", &source.join("usr").to_string_lossy(), &home])?;
    for name in [
        "active", "bounce", "corrupt", "defer", "deferred", "flush", "hold", "incoming", "maildrop", "private",
        "public", "saved", "trace",
    ] {
        fs::create_dir_all(folder.join("queue").join(name)).map_err(|error| error.to_string())?;
    }
    for name in ["queue/pid", "data", "conf"] {
        fs::create_dir_all(folder.join(name)).map_err(|error| error.to_string())?;
    }
    // Debian's choices; users that every Debian has stand for Postfix's own.
    let main = format!(
        "compatibility_level = 3.6\nqueue_directory = {home}/queue\ndata_directory = {home}/data\ndaemon_directory = {home}/usr/lib/postfix/sbin\n\
         command_directory = {home}/usr/sbin\nshlib_directory = {home}/usr/lib/postfix\nmeta_directory = {home}/conf\nmail_owner = mail\n\
         setgid_group = news\nimport_environment = MAIL_CONFIG LD_LIBRARY_PATH LANG=C TZ\ninet_interfaces = 127.0.0.1\ninet_protocols = ipv4\n\
         mynetworks = 127.0.0.0/8\nmyhostname = relay.example\nmyorigin = relay.example\nmydestination =\nalias_maps =\nalias_database =\n\
         relayhost = [127.0.0.1]:{next}\nsmtpd_relay_restrictions = permit_mynetworks, reject\nlocal_header_rewrite_clients = permit_mynetworks\n\
         smtputf8_enable = yes\nsmtp_host_lookup = native\ndefault_process_limit = 10\nmaximal_queue_lifetime = 0\nbounce_queue_lifetime = 0\nmaillog_file = {home}/log\nmaillog_file_prefixes = {home}\n"
    );
    let mut master = format!("127.0.0.1:{port} inet n - n - - smtpd\n");
    let services = [
        ("cleanup", "cleanup", "n", "0"),
        ("qmgr", "qmgr", "n", "1"),
        ("rewrite", "trivial-rewrite", "-", "-"),
        ("bounce", "bounce", "-", "0"),
        ("defer", "bounce", "-", "0"),
        ("trace", "bounce", "-", "0"),
        ("verify", "verify", "-", "1"),
        ("flush", "flush", "n", "0"),
        ("proxymap", "proxymap", "-", "-"),
        ("smtp", "smtp", "-", "-"),
        ("relay", "smtp", "-", "-"),
        ("showq", "showq", "n", "-"),
        ("error", "error", "-", "-"),
        ("retry", "error", "-", "-"),
        ("discard", "discard", "-", "-"),
        ("anvil", "anvil", "-", "1"),
        ("scache", "scache", "-", "1"),
        ("tlsmgr", "tlsmgr", "-", "1"),
    ];
    for (service, program, private, limit) in services {
        master.push_str(&format!("{service} unix {private} - n - {limit} {program}\n"));
    }
    master.push_str("postlog unix-dgram n - n - 1 postlogd\n");
    write(&folder.join("conf/main.cf"), &main)?;
    write(&folder.join("conf/master.cf"), &master)?;
    run("chown", &["-R", "mail", &format!("{home}/queue"), &format!("{home}/data")])?;
    run("chown", &["root", &format!("{home}/queue"), &format!("{home}/queue/pid")])?;
    run("chmod", &["755", &home])?;
    let child = Command::new(folder.join("usr/lib/postfix/sbin/master"))
        .args(["-d", "-c", &format!("{home}/conf")])
        .env("LD_LIBRARY_PATH", folder.join("usr/lib/postfix"))
        .env("MAIL_CONFIG", folder.join("conf"))
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .map_err(|error| format!("Postfix does not start: {error}"))?;
    Ok(Server { name: "Postfix", child, port, folder })
}

/// Exim as Debian sets it up, relaying for its network to `next`.
fn exim(unpacked: &Path, next: u16) -> Result<Server, String> {
    let folder = fresh("exim")?;
    let (home, port) = (folder.to_string_lossy().into_owned(), free_port()?);
    let program = folder.join("exim4");
    fs::copy(unpacked.join("exim4-daemon-light/usr/sbin/exim4"), &program).map_err(|error| error.to_string())?;
    let settings = format!(
        "primary_hostname = relay.example\nqualify_domain = relay.example\nexim_user = mail\nexim_group = mail\nexim_path = {home}/exim4\n\
         spool_directory = {home}/spool\nlog_file_path = {home}/%slog\nlocal_interfaces = 127.0.0.1\ndaemon_smtp_ports = {port}\nkeep_environment =\n\
         acl_smtp_rcpt = acl_rcpt\nacl_smtp_data = acl_data\nhost_lookup =\nrfc1413_query_timeout = 0s\nsmtp_accept_queue_per_connection = 0\n\
         smtp_accept_max = 40\nchunking_advertise_hosts =\nhostlist relay_from_hosts = 127.0.0.1\nremote_max_parallel = 2\nqueue_only_load = 200\n\
         begin acl\nacl_rcpt:\n  accept hosts = +relay_from_hosts\n    control = submission/sender_retain\n    control = dkim_disable_verify\nacl_data:\n  accept\n\
         begin routers\nall:\n  driver = manualroute\n  route_list = * 127.0.0.1\n  self = send\n  transport = next\n\
         begin transports\nnext:\n  driver = smtp\n  port = {next}\n  allow_localhost\n  hosts_try_chunking =\n  hosts_try_prdr =\n\
         begin retry\n* * F,1h,1m\n"
    );
    write(&folder.join("exim.conf"), &settings)?;
    fs::create_dir_all(folder.join("spool")).map_err(|error| error.to_string())?;
    run("chown", &["-R", "mail:mail", &format!("{home}/spool")])?;
    run("chown", &["mail:mail", &home])?;
    run("chmod", &["755", &home])?;
    let child = Command::new(&program)
        .args(["-C", &format!("{home}/exim.conf"), "-bdf", "-oX", &format!("127.0.0.1.{port}")])
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .map_err(|error| format!("Exim does not start: {error}"))?;
    Ok(Server { name: "Exim", child, port, folder })
}

/// Messages that go to a server: authorized, with the line endings that SMTP has, and edited as a submission agent must.
fn authorized(engine: &Engine, rows: &Rows, limits: &Limits, count: usize) -> Vec<Vec<u8>> {
    let mut seen = HashSet::new();
    let whole = |message: &[u8]| {
        !message.windows(2).any(|two| two[1] == b'\n' && two[0] != b'\r') && !message.starts_with(b"\n")
    };
    (0..limits.count)
        .map(|number| message(limits.seed, number, rows))
        .filter(|made| whole(made) && engine.authorizes(made) && seen.insert(made.clone()))
        .take(count)
        .map(|made| edited(&made))
        .collect()
}

/// Relays authorized messages through each server, and gives what is no longer authorized when it comes out.
pub(crate) fn relay(engine: &Engine, rows: &Rows, limits: &Limits, count: usize, out: &Path) -> Result<bool, String> {
    let unpacked = out.join("unpacked");
    let mut messages = authorized(engine, rows, limits, count);
    // Without it, a server that sends nothing on would pass.
    messages.insert(
        0,
        b"From: Own <x@attacker.example>\r\nTo: you@rcpt.example\r\nSubject: hello\r\n\r\nhello\r\n".to_vec(),
    );
    let mut differences = Vec::new();
    let mut sound = true;
    for start in [postfix, exim] {
        let (next, received) = sink()?;
        let server = match start(&unpacked, next) {
            Ok(server) => server,
            Err(why) => {
                println!("missing server: {why}");
                sound = false;
                continue;
            }
        };
        let taken = hand_in(&server, &messages, &received)?;
        let all = received.lock().map_err(|_| "the sink broke")?;
        if !all.get(&0).is_some_and(|message| engine.authorizes(message)) {
            println!("broken: {} does not send an honest message on", server.name);
            sound = false;
        }
        let mut changed = 0;
        for (number, came) in all.iter() {
            let (good, reason) = engine.judge(came);
            if !good {
                changed += 1;
                differences.push(difference(server.name, &messages[*number], came, reason));
            }
        }
        println!(
            "{}: {} messages handed in, {taken} taken, {} sent on, {changed} no longer authorized",
            server.name,
            messages.len(),
            all.len()
        );
    }
    for one in differences.iter().take(20) {
        println!("  {}: {} was {:?}, became {:?}", one["server"], one["reason"], one["originators"], one["became"]);
    }
    let path = out.join("relayed.json");
    write(&path, &format!("{:#}\n", Value::from(differences.clone())))?;
    println!("all of it: target/differential/relayed.json");
    Ok(sound && differences.is_empty())
}

/// Hands every message in, and waits until what was taken has come out or nothing comes any more.
fn hand_in(server: &Server, messages: &[Vec<u8>], received: &Received) -> Result<usize, String> {
    let mut taken = 0;
    let mut client = Client::connect(server.port)?;
    for (number, message) in messages.iter().enumerate() {
        match client.send(number, message) {
            Ok(true) => taken += 1,
            Ok(false) => {}
            Err(_) => client = Client::connect(server.port)?,
        }
    }
    let (mut last, mut since) = (0, Instant::now());
    while last < taken && since.elapsed() < Duration::from_secs(20) {
        thread::sleep(Duration::from_millis(200));
        let now = received.lock().map_or(last, |all| all.len());
        if now > last {
            (last, since) = (now, Instant::now());
        }
    }
    Ok(taken)
}

fn difference(server: &str, sent: &[u8], came: &[u8], reason: &str) -> Value {
    let text = |octets: &[u8]| octets.iter().map(|&octet| char::from(octet)).collect::<String>();
    json!({ "server": server, "reason": reason, "message": text(sent), "becameMessage": text(came), "originators": originators(sent), "became": originators(came) })
}

/// The lines of a header section that look like originators, with what is folded below them.
fn originators(message: &[u8]) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    let mut within = false;
    for line in message.split_inclusive(|&octet| octet == b'\n') {
        if line == b"\r\n" {
            break;
        }
        let text = String::from_utf8_lossy(line).into_owned();
        let lower = text.to_ascii_lowercase();
        if text.starts_with([' ', '\t']) {
            if let (true, Some(last)) = (within, out.last_mut()) {
                last.push_str(&text);
            }
            continue;
        }
        within = ["from", "sender", "resent-"].iter().any(|name| lower.trim_start().starts_with(name));
        if within {
            out.push(text);
        }
    }
    out
}
