//! Debian's packages, if this is Debian and the user is root.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use super::workshop;
use crate::run::cmd;

/// Installs missing packages, and starts none of their services.
pub(super) fn install(packages: &[&str]) -> Result<()> {
    let missing: Vec<&str> = packages.iter().copied().filter(|package| version(package).is_err()).collect();
    if missing.is_empty() {
        return Ok(());
    }
    let wanted = missing.join(" ");
    let root_user = cmd("id").arg("-u").read().is_ok_and(|id| id == "0");
    if !root_user || !Path::new("/usr/bin/apt-get").exists() {
        bail!("it needs Debian's packages {wanted}; install them");
    }
    let apt = |arguments: &[&str]| {
        // In run level 1, packages start no services.
        let quiet = cmd("apt-get").args(["-qq", "-o", "Dpkg::Use-Pty=0"]).args(arguments);
        quiet.env("DEBIAN_FRONTEND", "noninteractive").env("RUNLEVEL", "1").read()
    };
    let get = ["install", "-y", "--no-install-recommends"];
    let arguments = [get.as_slice(), &missing].concat();
    if apt(&arguments).is_err() {
        apt(&["update"])?;
        apt(&arguments).with_context(|| format!("apt-get could not install {wanted}"))?;
    }
    Ok(())
}

/// The version of an installed package.
pub(super) fn version(package: &str) -> Result<String> {
    let status =
        cmd("dpkg-query").args(["--show", "--showformat=${db:Status-Abbrev}${Version}", package]).read_quietly()?;
    let version = status.strip_prefix("ii").with_context(|| format!("{package} is not installed"))?;
    Ok(version.trim().to_owned())
}

/// Unpacks a package into a folder without installing it: for servers that conflict with others.
/// Returns the folder and the package's version.
pub(super) fn unpacked(package: &str) -> Result<(PathBuf, String)> {
    let folder = workshop().join("unpacked").join(package);
    let version = folder.join("version");
    if !version.exists() {
        fs::create_dir_all(&folder)?;
        let shell = "cd \"$0\" && apt-get download -qq -o APT::Sandbox::User=root \"$1\" && dpkg-deb -x \"$1\"_*.deb . && dpkg-deb -f \"$1\"_*.deb Version > version && rm \"$1\"_*.deb";
        let unpack = cmd("sh").args(["-c", shell]).arg(&folder).arg(package);
        unpack.read().with_context(|| format!("Debian's package {package} could not be downloaded"))?;
    }
    let version = fs::read_to_string(version)?.trim().to_owned();
    Ok((folder, version))
}
