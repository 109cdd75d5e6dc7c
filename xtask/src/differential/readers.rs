//! The readers: what each needs, how to build it, how to start it.

use std::env;
use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result};

use super::start::{start, text};
use super::{Start, apt, servers, sources, workshop};
use crate::run::{cmd, root};
use crate::tools;

/// The name, the Debian packages that it needs, and the function that prepares it.
type Reader = (&'static str, &'static [&'static str], fn() -> Result<Vec<Start>>);

/// The readers that need no Debian packages.
pub(super) const QUICK: [&str; 3] = ["npm", "pypi", "python"];

/// All readers, the quick ones first.
pub(super) const READERS: [Reader; 22] = [
    ("npm", &[], npm),
    ("pypi", &[], pypi),
    ("python", &[], pythons),
    ("thunderbird", &[], thunderbird),
    ("perl", PERL, || script("perl", "perl", "perl/reader.pl")),
    ("php", PHP, || script("php", "php", "php/reader.php")),
    ("ruby", &["ruby", "ruby-mail"], || script("ruby", "ruby", "ruby/reader.rb")),
    ("go", GO, go),
    ("java", JAVA, java),
    ("rust", &[], rust),
    ("gmime", &["gcc", "pkg-config", "libgmime-3.0-dev"], || c("gmime", "libgmime-3.0-dev", &["gmime-3.0"], &[])),
    ("camel", CAMEL, || c("camel", "libcamel1.2-dev", &["camel-1.2"], &[])),
    ("etpan", &["gcc", "libetpan-dev"], || c("etpan", "libetpan-dev", &[], &["-letpan"])),
    ("cclient", &["gcc", "libc-client2007e-dev"], || c("cclient", "libc-client2007e-dev", &[], &["-lc-client"])),
    ("opendmarc", &["gcc", "libopendmarc-dev"], || c("opendmarc", "libopendmarc-dev", &[], &["-lopendmarc"])),
    ("mailutils", &["gcc", "libmailutils-dev"], || c("mailutils", "libmailutils-dev", &[], &["-lmailutils"])),
    ("vmime", &["g++", "libvmime-dev"], || c("vmime", "libvmime-dev", &[], &["-lvmime"])),
    ("kmime", KMIME, || c("kmime", "libkf5mime-dev", &["Qt5Core"], &KMIME_FLAGS)),
    ("rspamd", &["rspamd"], rspamd),
    ("exim", &[], servers::exim),
    ("dovecot", &["dovecot-core"], servers::dovecot),
    ("courier", &["courier-authlib", "libcourier-unicode4", "libgamin0"], servers::courier),
];

const PERL: &[&str] = &[
    "perl",
    "libemail-address-perl",
    "libemail-address-xs-perl",
    "libmailtools-perl",
    "libemail-simple-perl",
    "libemail-mime-perl",
    "libmail-dmarc-perl",
    "libmail-dkim-perl",
    "libmail-message-perl",
    "libmime-tools-perl",
    "spamassassin",
];
const PHP: &[&str] = &[
    "php-cli",
    "php-imap",
    "php-mailparse",
    "php-mail",
    "php-horde-mail",
    "php-horde-mime",
    "php-horde-idna",
    "php-horde-stream-filter",
    "roundcube-core",
];
const GO: &[&str] = &["golang-go", "golang-github-jhillyerd-enmime-dev", "golang-github-emersion-go-message-dev"];
const JAVA: &[&str] = &["default-jdk-headless", "libmail-java", "libapache-mime4j-java"];
const KMIME: &[&str] = &["g++", "pkg-config", "libkf5mime-dev"];
const KMIME_FLAGS: [&str; 6] = [
    "-fPIC",
    "-I/usr/include/KF5/KMime",
    "-I/usr/include/KF5",
    "-I/usr/include/KF5/KCodecs",
    "-lKF5Mime",
    "-lKF5Codecs",
];
const CAMEL: &[&str] = &["gcc", "pkg-config", "libcamel1.2-dev", "evolution-data-server-common"];

fn script(name: &str, program: &str, path: &str) -> Result<Vec<Start>> {
    Ok(start(name, &[program, &text(&sources().join(path))]))
}

fn npm() -> Result<Vec<Start>> {
    tools::npm_packages_of("tools/differential/readers/node")?;
    script("npm", "node", "node/reader.mjs")
}

/// The packages of PyPI, in a folder of their own.
fn pypi() -> Result<Vec<Start>> {
    let python = workshop().join("venv/bin/python");
    let wanted = fs::read_to_string(sources().join("python/requirements.txt"))?;
    let stamp = workshop().join("venv/requirements.txt");
    if fs::read_to_string(&stamp).ok().as_ref() != Some(&wanted) {
        cmd("python3")
            .args(["-m", "venv", "target/differential/venv"])
            .go()
            .context("python3 with its module venv is needed; install it (Debian: python3-venv)")?;
        let pip = cmd("target/differential/venv/bin/pip").args([
            "install",
            "--quiet",
            "--no-deps",
            "--disable-pip-version-check",
        ]);
        pip.args(["--requirement", "tools/differential/readers/python/requirements.txt"])
            .go()
            .context("pip could not install the readers")?;
        fs::write(stamp, wanted)?;
    }
    Ok(start("pypi", &[&text(&python), &text(&sources().join("python/packages.py"))]))
}

/// Every Python on this machine from 2.7 on: each version has another mail reader.
fn pythons() -> Result<Vec<Start>> {
    let mut found: Vec<(String, PathBuf)> = Vec::new();
    let mut folders = vec![PathBuf::from("/usr/bin"), PathBuf::from("/usr/local/bin")];
    let pyenv = env::var_os("PYENV_ROOT")
        .map_or_else(|| PathBuf::from(env::var_os("HOME").unwrap_or_default()).join(".pyenv"), PathBuf::from);
    folders.extend(
        fs::read_dir(pyenv.join("versions")).into_iter().flatten().flatten().map(|entry| entry.path().join("bin")),
    );
    for folder in folders {
        for name in ["python2.7".to_owned()].into_iter().chain((6..20).map(|minor| format!("python3.{minor}"))) {
            let path = folder.join(&name);
            if path.is_file() && !found.iter().any(|(other, _)| *other == name) {
                found.push((name, path));
            }
        }
    }
    // By version, so that the first and the last are the oldest and the newest.
    found.sort_by_key(|(name, _)| {
        let (major, minor) = name.trim_start_matches("python").split_once('.').unwrap_or_default();
        (major.to_owned(), minor.parse::<u32>().unwrap_or(0))
    });
    if found.is_empty() {
        found.push(("python3".to_owned(), PathBuf::from("python3")));
    }
    let reader = text(&sources().join("python/standard.py"));
    Ok(found.iter().flat_map(|(name, path)| start(name, &[&text(path), &reader])).collect())
}

/// jsmime from Debian's package, which is downloaded and unpacked, not installed.
fn thunderbird() -> Result<Vec<Start>> {
    let folder = workshop().join("thunderbird");
    let (module, version) = (folder.join("jsmime.mjs"), folder.join("version"));
    if !module.exists() {
        fs::create_dir_all(&folder)?;
        let shell = "cd target/differential/thunderbird && apt-get download -qq -o APT::Sandbox::User=root thunderbird && dpkg-deb -x thunderbird_*.deb x \
                     && dpkg-deb -f thunderbird_*.deb Version > version && rm thunderbird_*.deb";
        cmd("sh").args(["-c", shell]).read().context("Debian's package thunderbird could not be downloaded")?;
        let take = "import sys, zipfile; sys.stdout.buffer.write(zipfile.ZipFile(sys.argv[1]).read('modules/jsmime/jsmime.mjs'))";
        let archive = folder.join("x/usr/lib/thunderbird/omni.ja");
        let taken = cmd("python3").args(["-c", take, &text(&archive)]).read().context("omni.ja holds no jsmime")?;
        fs::write(&module, taken)?;
        fs::remove_dir_all(folder.join("x"))?;
    }
    let version = fs::read_to_string(version)?;
    Ok(start(
        "thunderbird",
        &["node", &text(&sources().join("thunderbird/reader.mjs")), &text(&module), version.trim()],
    ))
}

fn go() -> Result<Vec<Start>> {
    let program = text(&workshop().join("go-reader"));
    cmd("go")
        .args(["build", "-o", &program, "tools/differential/readers/go/main.go"])
        .env("GO111MODULE", "off")
        .env("GOPATH", "/usr/share/gocode")
        .go()?;
    let enmime = format!("ENMIME={}", apt::version("golang-github-jhillyerd-enmime-dev")?);
    let message = format!("GO_MESSAGE={}", apt::version("golang-github-emersion-go-message-dev")?);
    Ok(start("go", &["env", &enmime, &message, &program]))
}

fn java() -> Result<Vec<Start>> {
    let jars = ["javax.mail", "javax.activation", "apache-mime4j-core", "apache-mime4j-dom"];
    let path = jars.map(|jar| format!("/usr/share/java/{jar}.jar")).join(":");
    let classes = text(&workshop().join("java"));
    cmd("javac").args(["-d", &classes, "-cp", &path, "tools/differential/readers/java/Reader.java"]).go()?;
    let mail = format!("-DJavaMail={}", apt::version("libmail-java")?);
    let mime4j = format!("-Dmime4j={}", apt::version("libapache-mime4j-java")?);
    Ok(start("java", &["java", "-XX:+UseSerialGC", &mail, &mime4j, "-cp", &format!("{path}:{classes}"), "Reader"]))
}

fn rust() -> Result<Vec<Start>> {
    let target = workshop().join("cargo");
    cmd("cargo")
        .args([
            "build",
            "--quiet",
            "--release",
            "--locked",
            "--manifest-path",
            "tools/differential/readers/rust/Cargo.toml",
        ])
        .env("CARGO_TARGET_DIR", &target)
        .go()?;
    Ok(start("rust", &[&text(&target.join("release/differential-readers-rust"))]))
}

fn rspamd() -> Result<Vec<Start>> {
    Ok(start("rspamd", &["rspamadm", "lua", "-b", &text(&sources().join("rspamd/reader.lua"))]))
}

/// A reader in C or C++. The flags of its library come from pkg-config or from here; its version is that of the package.
fn c(name: &str, package: &str, modules: &[&str], libraries: &[&str]) -> Result<Vec<Start>> {
    let program = text(&workshop().join(name));
    let version = format!("-DVERSION=\"{}\"", apt::version(package)?);
    let flags = if modules.is_empty() {
        String::new()
    } else {
        cmd("pkg-config").args(["--cflags", "--libs"]).args(modules).read()?
    };
    let plus = root().join(format!("tools/differential/readers/c/{name}.cpp")).exists();
    let (compiler, ending) = if plus { ("g++", "cpp") } else { ("gcc", "c") };
    let source = format!("tools/differential/readers/c/{name}.{ending}");
    let compile = cmd(compiler).args(["-O1", "-w", &version, &source, "-o", &program]);
    compile.args(flags.split_whitespace()).args(libraries).go()?;
    Ok(start(name, &[&program]))
}
