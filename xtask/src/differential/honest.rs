//! Mail that nobody here wrote: what Debian's source packages, Python and the crates on this machine carry.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use super::{readers::text, workshop};
use crate::run::cmd;

/// Source packages whose test suites hold mail, much of it from lists and mailboxes of real people.
const PACKAGES: [&str; 46] = [
    "akonadi-mime",
    "amavisd-new",
    "apache-mime4j",
    "astroid",
    "b4",
    "bogofilter",
    "claws-mail",
    "cyrus-imapd",
    "dkimpy",
    "dovecot",
    "dspam",
    "evolution-data-server",
    "git",
    "gmime",
    "golang-github-emersion-go-message",
    "golang-github-jhillyerd-enmime",
    "grepmail",
    "hypermail",
    "kdepim-runtime",
    "kf5-messagelib",
    "kmime",
    "libemail-folder-perl",
    "libemail-mime-perl",
    "libemail-simple-perl",
    "libetpan",
    "libmail-box-perl",
    "libmail-dkim-perl",
    "libmail-mbox-messageparser-perl",
    "libmail-message-perl",
    "libmime-tools-perl",
    "maildir-utils",
    "mailman3",
    "mailman-hyperkitty",
    "mhonarc",
    "notmuch",
    "opendkim",
    "patchwork",
    "php-horde-mime",
    "public-inbox",
    "python3.11",
    "roundcube",
    "rspamd",
    "ruby-mail",
    "spamassassin",
    "spambayes",
    "sympa",
];

/// Judges the mail in `folders`, or, where none is named, what can be had here.
pub(super) fn run(folders: &[String]) -> Result<()> {
    let mut all: Vec<String> = folders.to_vec();
    if all.is_empty() {
        match sources() {
            Ok(folder) => all.push(text(&folder)),
            Err(why) => println!("missing: Debian's source packages: {why:#}"),
        }
        let home = PathBuf::from(env::var_os("HOME").unwrap_or_default());
        all.push(text(&home.join(".cargo/registry/src")));
        all.push("tests/data/legitimate".to_owned());
        let library = cmd("python3").args(["-c", "import sysconfig; print(sysconfig.get_path('stdlib'))"]).read()?;
        all.push(format!("{library}/test"));
    }
    super::compare([&"honest".to_owned()].into_iter().chain(&all))
}

/// Whether an archive of the package was fetched, though its patches were not.
fn have(folder: &Path, package: &str) -> bool {
    let entries = fs::read_dir(folder.join("archives")).into_iter().flatten().flatten();
    let start = format!("{package}_");
    entries
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .any(|name| name.starts_with(&start) && name.contains(".tar."))
}

/// The packages' archives, unpacked. Debian's lists of sources are kept in a folder of their own: the system's stay as
/// they are.
fn sources() -> Result<PathBuf> {
    let folder = workshop().join("honest");
    let done = folder.join("done");
    if done.exists() {
        return Ok(folder.join("unpacked"));
    }
    for part in ["parts", "lists/partial", "archives", "unpacked"] {
        fs::create_dir_all(folder.join(part))?;
    }
    let source = "Types: deb-src\nURIs: http://deb.debian.org/debian\nSuites: bookworm trixie\nComponents: main\n\
                  Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg\n";
    fs::write(folder.join("parts/honest.sources"), source)?;
    let settings = |name: &str, part: &str| format!("{name}={}", text(&folder.join(part)));
    let options = [
        "-qq".to_owned(),
        "-oDir::Etc::SourceList=/dev/null".to_owned(),
        "-oAPT::Sandbox::User=root".to_owned(),
        settings("-oDir::Etc::SourceParts", "parts"),
        settings("-oDir::State::Lists", "lists"),
    ];
    let update = cmd("apt-get").args(&options).arg("update").read_quietly();
    update.context("apt-get could not fetch the list of source packages")?;
    for package in PACKAGES {
        // The archive may be there where the patches beside it are not: what counts is what was fetched.
        let fetched = ["bookworm", "trixie"].iter().any(|suite| {
            let fetch =
                cmd("sh").args(["-c", "cd \"$0\" && apt-get \"$@\""]).arg(folder.join("archives")).args(&options);
            fetch.args(["source", "--download-only", &format!("{package}/{suite}")]).read_quietly().is_ok()
        });
        if !fetched && !have(&folder, package) {
            println!("missing: the source package {package}");
        }
    }
    for archive in fs::read_dir(folder.join("archives"))?.flatten().map(|entry| entry.path()) {
        let name = archive.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if name.contains(".orig") && name.contains(".tar.") && !name.ends_with(".asc") {
            let to = folder.join("unpacked").join(name.split(".orig").next().unwrap_or(&name));
            fs::create_dir_all(&to)?;
            // What cannot be unpacked is less to judge.
            let _ = cmd("tar").arg("-xf").arg(&archive).arg("-C").arg(&to).read_quietly();
        }
    }
    fs::write(done, "")?;
    Ok(folder.join("unpacked"))
}
