//! Servers as readers: each runs on a pipe in a folder of its own; none is installed or started as a service.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use super::start::{start, text};
use super::{Start, apt, sources, workshop};
use crate::run::cmd;

/// Exim expands one expression on each line.
pub(super) fn exim() -> Result<Vec<Start>> {
    let (_, version) = apt::unpacked("exim4-base")?;
    let (folder, _) = apt::unpacked("exim4-daemon-light")?;
    let spool = workshop().join("exim");
    fs::create_dir_all(&spool)?;
    let spool = text(&spool);
    let configuration = workshop().join("exim.conf");
    let settings = format!(
        "primary_hostname = relay.example\nspool_directory = {spool}\nlog_file_path = {spool}/%slog\nbegin acl\nbegin routers\nbegin transports\n"
    );
    fs::write(&configuration, settings)?;
    let program = text(&folder.join("usr/sbin/exim4"));
    let reader = text(&sources().join("python/exim.py"));
    Ok(start("exim", &["python3", &reader, &version, &program, "-C", &text(&configuration), "-be"]))
}

/// A mailbox of a user without rights: servers refuse to read root's mail.
fn home(name: &str) -> Result<PathBuf> {
    let home = std::env::temp_dir().join(format!("differential-{name}"));
    for folder in ["Maildir/cur", "Maildir/new", "Maildir/tmp", "run"] {
        fs::create_dir_all(home.join(folder)).context("a mailbox cannot be made in the folder for temporary files")?;
    }
    cmd("chown").args(["-R", "nobody:nogroup"]).arg(&home).go()?;
    Ok(home)
}

/// Copies a server's program into a home folder, and returns the command that runs it as nobody, who cannot read this repository.
fn as_nobody(home: &Path, program: &Path) -> Result<Vec<String>> {
    let copy = home.join("server");
    // Another run may still use the copy.
    let size = |path: &Path| fs::metadata(path).map(|data| data.len()).ok();
    if size(&copy) != size(program) {
        fs::copy(program, &copy).with_context(|| format!("{} cannot be copied", program.display()))?;
    }
    let home = text(home);
    let words = [
        "env",
        "-C",
        &home,
        "USER=nobody",
        &format!("HOME={home}"),
        "setpriv",
        "--reuid=nobody",
        "--regid=nogroup",
        "--clear-groups",
        &text(&copy),
    ];
    Ok(words.map(str::to_owned).to_vec())
}

fn imap(name: &str, version: &str, server: &[String], arguments: &[&str]) -> Vec<Start> {
    let reader = text(&sources().join("python/imap.py"));
    let mut command = vec!["python3", &reader, name, version];
    command.extend(server.iter().map(String::as_str));
    command.extend(arguments);
    start(&name.to_lowercase(), &command)
}

/// Dovecot's imap, in the state after a login.
pub(super) fn dovecot() -> Result<Vec<Start>> {
    let (folder, version) = apt::unpacked("dovecot-imapd")?;
    let home = home("dovecot")?;
    let server = as_nobody(&home, &folder.join("usr/lib/dovecot/imap"))?;
    let home = text(&home);
    let settings = format!(
        "base_dir = {home}/run\nlog_path = {home}/log\nmail_location = maildir:{home}/Maildir\nmail_home = {home}\n\
         first_valid_uid = 0\nfirst_valid_gid = 0\nmail_uid = nobody\nmail_gid = nogroup\nssl = no\n"
    );
    let configuration = format!("{home}/dovecot.conf");
    fs::write(&configuration, settings)?;
    Ok(imap("Dovecot", &version, &server, &["-c", &configuration]))
}

/// Courier's imapd, in the state after a login.
pub(super) fn courier() -> Result<Vec<Start>> {
    let (folder, version) = apt::unpacked("courier-imap")?;
    let mut server = as_nobody(&home("courier")?, &folder.join("usr/bin/imapd"))?;
    let settings = ["AUTHENTICATED=nobody", "LD_LIBRARY_PATH=/usr/lib/courier-authlib"].map(str::to_owned);
    server.splice(3..3, settings);
    Ok(imap("Courier", &version, &server, &["Maildir"]))
}
