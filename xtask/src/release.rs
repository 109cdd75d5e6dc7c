//! `cargo xtask release VERSION`: builds everything that is published twice from the commit, and compares. It publishes
//! nothing: `.github/workflows/release.yml` publishes the result.

mod checks;
mod provenance;
mod sbom;

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use sha2::{Digest, Sha256, Sha512};

use crate::run::{cmd, root};

/// A published file.
struct Artifact {
    name: String,
    sha256: String,
    sha512: String,
}

impl Artifact {
    fn read(path: &Path) -> Result<Self> {
        let bytes = fs::read(path).with_context(|| format!("could not read {}", path.display()))?;
        let name = path.file_name().context("a file has a name")?.to_string_lossy().into_owned();
        Ok(Self { name, sha256: hex(&Sha256::digest(&bytes)), sha512: hex(&Sha512::digest(&bytes)) })
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes
        .iter()
        .flat_map(|byte| [byte >> 4, byte & 15])
        .filter_map(|digit| char::from_digit(digit.into(), 16))
        .collect()
}

/// In a rehearsal, problems are printed and the command goes on.
const REHEARSAL: &str = "--rehearse";

pub(crate) fn run(words: &[String]) -> Result<()> {
    let rehearses = words.iter().any(|word| word == REHEARSAL);
    let [version] = words.iter().filter(|word| *word != REHEARSAL).collect::<Vec<_>>()[..] else {
        bail!("cargo xtask release VERSION [{REHEARSAL}]: the version that Cargo.toml and CHANGELOG.md name");
    };
    let problems = checks::problems(version)?;
    for problem in &problems {
        eprintln!("not ready: {problem}");
    }
    if !problems.is_empty() && !rehearses {
        bail!("version {version} is not ready; RELEASING.md says how a release is made");
    }

    // A copy, because this program may be compiled again while it runs.
    let workshop = root().join("target/release-twice");
    fs::create_dir_all(&workshop)?;
    let xtask = workshop.join("xtask");
    fs::copy(std::env::current_exe().context("this program has no path")?, &xtask)?;
    let commit = cmd("git").args(["rev-parse", "HEAD"]).read()?;
    let first = make(&xtask, &workshop.join("first"), &commit)?;
    let second = make(&xtask, &workshop.join("second"), &commit)?;
    compare(&first, &second)?;

    let out = root().join("target/publish");
    if out.exists() {
        fs::remove_dir_all(&out).context("could not remove the old target/publish")?;
    }
    fs::create_dir_all(&out)?;
    let mut artifacts = Vec::new();
    for path in &first {
        let target = out.join(path.file_name().context("a file has a name")?);
        fs::copy(path, &target).with_context(|| format!("could not copy {}", path.display()))?;
        artifacts.push(Artifact::read(&target)?);
    }
    let [_, packaged] = &first;
    // SBOMs and provenance describe the two packages; the checksums cover all files.
    for (name, text) in [
        ("sendergate-crate.cdx.json", sbom::of_crate(version, &unpacked(packaged)?)?),
        ("sendergate-npm.cdx.json", sbom::of_package(version)?),
        ("provenance.json", provenance::statement(version, &commit, &artifacts)?),
    ] {
        fs::write(out.join(name), text)?;
        artifacts.push(Artifact::read(&out.join(name))?);
    }
    fs::write(out.join("SHA256SUMS"), sums(&artifacts))?;
    println!(
        "\ntarget/publish holds sendergate {version} of {commit}, the same from two builds:\n{}",
        sums(&artifacts)
    );
    Ok(())
}

/// The checksums, for `sha256sum --check` and for `subject-checksums` of GitHub's attestation.
fn sums(artifacts: &[Artifact]) -> String {
    artifacts.iter().map(|artifact| format!("{}  {}\n", artifact.sha256, artifact.name)).collect()
}

/// Builds tarball and crate of a commit in a new clone of this repository at `folder`.
fn make(xtask: &Path, folder: &Path, commit: &str) -> Result<[PathBuf; 2]> {
    if folder.exists() {
        fs::remove_dir_all(folder).with_context(|| format!("could not remove {}", folder.display()))?;
    }
    let git = |words: &[&str]| cmd("git").arg("-C").arg(folder).args(words);
    cmd("git").args(["clone", "--quiet", "--shared", "--no-tags", "--no-checkout"]).arg(root()).arg(folder).go()?;
    git(&["checkout", "--quiet", "--detach", commit]).go()?;
    let target = folder.join("target");
    cmd(&xtask.to_string_lossy())
        .arg("build")
        .env("SENDERGATE_ROOT", folder)
        .env("CARGO_TARGET_DIR", &target)
        .go()
        .context("the package could not be built")?;
    let packed =
        cmd("npm").args(["pack", "--silent", "--pack-destination"]).arg(folder).arg(folder.join("pkg")).read()?;
    let tarball = folder.join(packed.lines().last().context("npm pack named no file")?);
    Ok([tarball, packaged(folder, &target, &[])?])
}

/// Packages the crate of a folder without compiling it: the step `crate` of `cargo xtask test` does that.
fn packaged(folder: &Path, target: &Path, words: &[&str]) -> Result<PathBuf> {
    cmd("cargo")
        .args(["package", "--quiet", "--no-verify", "--package", "sendergate", "--manifest-path"])
        .arg(folder.join("Cargo.toml"))
        .args(words)
        .env("CARGO_TARGET_DIR", target)
        .go()
        .context("the crate could not be packaged")?;
    let crates = fs::read_dir(target.join("package"))?.filter_map(|entry| Some(entry.ok()?.path()));
    let mut crates: Vec<PathBuf> = crates.filter(|path| path.extension().is_some_and(|it| it == "crate")).collect();
    let (Some(packaged), true) = (crates.pop(), crates.is_empty()) else {
        bail!("cargo package made no crate, or several")
    };
    Ok(packaged)
}

/// Unpacks a packaged crate as a workspace of its own, to which the patches of this one do not apply. Returns its folder.
fn unpacked(packaged: &Path) -> Result<PathBuf> {
    let folder = packaged.with_extension("");
    fs::create_dir_all(&folder)?;
    cmd("tar").arg("-xzf").arg(packaged).arg("-C").arg(&folder).arg("--strip-components=1").go()?;
    let manifest = folder.join("Cargo.toml");
    let text = fs::read_to_string(&manifest).context("the crate has no Cargo.toml")?;
    fs::write(&manifest, text + "\n[workspace]\n")?;
    Ok(folder)
}

/// Two builds must give the same octets; otherwise nobody can check what was published.
fn compare(first: &[PathBuf], second: &[PathBuf]) -> Result<()> {
    for (one, other) in first.iter().zip(second) {
        let (one, other) = (Artifact::read(one)?, Artifact::read(other)?);
        if one.sha256 != other.sha256 || one.name != other.name {
            bail!(
                "two builds of {} differ: {} and {}; compare target/release-twice/first and second",
                one.name,
                one.sha256,
                other.sha256
            );
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(name: &str, text: &str) -> PathBuf {
        let folder = std::env::temp_dir().join(format!("sendergate-release-{}-{name}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        let path = folder.join("a.txt");
        fs::write(&path, text).unwrap();
        path
    }

    #[test]
    fn builds_that_differ_are_refused() {
        let (one, same, other) = (file("one", "abc"), file("same", "abc"), file("other", "abd"));
        assert!(compare(std::slice::from_ref(&one), &[same]).is_ok());
        let error = compare(&[one], &[other]).unwrap_err().to_string();
        assert!(error.starts_with("two builds of a.txt differ"), "{error}");
    }

    /// The example of one block of FIPS 180-4.
    #[test]
    fn sums_are_what_sha256sum_checks() {
        let artifact = Artifact::read(&file("sum", "abc")).unwrap();
        assert_eq!(sums(&[artifact]), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad  a.txt\n");
    }
}
