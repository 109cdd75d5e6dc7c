//! The checks before a version is published.

use std::fs;

use anyhow::{Context, Result};
use semver::Version;
use serde_json::Value;

use crate::run::{cmd, root};

/// The reasons not to publish `version`, each with what to do.
pub(super) fn problems(version: &str) -> Result<Vec<String>> {
    let read = |name: &str| fs::read_to_string(root().join(name)).with_context(|| format!("{name} is missing"));
    let mut problems = Vec::new();
    problems.extend(of_version(version, env!("CARGO_PKG_VERSION")));
    problems.extend(of_changelog(version, &read("CHANGELOG.md")?));
    problems.extend(of_repository(env!("CARGO_PKG_REPOSITORY"), &read("pkg-template/package.json")?)?);
    problems.extend(of_contact(&read("SECURITY.md")?));
    if !cmd("git").args(["status", "--porcelain"]).read()?.is_empty() {
        problems.push("the working tree has changes that no commit holds; commit them".to_owned());
    }
    let tag = format!("v{version}");
    let tags = |words: &[&str]| cmd("git").args(["tag", "--list", &tag]).args(words).read();
    problems.extend(of_tag(&tags(&[])?, &tags(&["--points-at", "HEAD"])?));
    Ok(problems)
}

fn of_version(version: &str, stated: &str) -> Option<String> {
    if let Err(error) = Version::parse(version) {
        return Some(format!("`{version}` is no version of semantic versioning: {error}"));
    }
    (version != stated).then(|| format!("Cargo.toml states {stated}; write {version} under [workspace.package]"))
}

/// The parts of a changelog: heading and text.
fn parts(changelog: &str) -> impl Iterator<Item = (&str, &str)> {
    changelog.split("\n## ").skip(1).map(|part| part.split_once('\n').unwrap_or((part, "")))
}

/// The newest version of the changelog is the one to publish, and there is no unreleased part above it.
fn of_changelog(version: &str, changelog: &str) -> Option<String> {
    let mut parts = parts(changelog).peekable();
    let heading = format!("`## {version}, YYYY-MM-DD`");
    if let Some((_, text)) = parts.next_if(|(name, _)| name.trim() == "Unreleased")
        && !text.trim().is_empty()
    {
        return Some(format!("CHANGELOG.md has changes under `Unreleased`; give them the heading {heading}"));
    }
    let Some((name, text)) = parts.next() else { return Some(format!("CHANGELOG.md has no {heading}")) };
    let is_date = |date: &str| {
        let mut numbers = date.split('-').map(|part| part.parse::<u32>().ok().zip(Some(part.len())));
        let mut next = || numbers.next().flatten();
        matches!((next(), next(), next(), next()), (Some((_, 4)), Some((1..=12, 2)), Some((1..=31, 2)), None))
    };
    match name.trim().split_once(", ") {
        Some((named, date)) if named == version && is_date(date) => {
            text.trim().is_empty().then(|| format!("CHANGELOG.md says nothing under `## {name}`"))
        }
        _ => Some(format!("the newest heading of CHANGELOG.md is `## {name}`, not {heading}")),
    }
}

/// npm attests only packages that come from the repository that they name.
fn of_repository(stated: &str, package: &str) -> Result<Option<String>> {
    let package: Value = serde_json::from_str(package).context("pkg-template/package.json is no JSON")?;
    let named = package.get("repository").and_then(|it| it.get("url").unwrap_or(it).as_str());
    let Some(named) = named else {
        return Ok(Some(format!("pkg-template/package.json names no repository; write {stated}")));
    };
    let bare = named.trim_start_matches("git+").trim_end_matches(".git");
    Ok((bare != stated)
        .then(|| format!("pkg-template/package.json names {bare}, and Cargo.toml {stated}; write the same in both")))
}

/// A tag on this commit is no problem: publishing starts with it, and so does a second build for comparison.
fn of_tag(anywhere: &str, here: &str) -> Option<String> {
    (anywhere != here)
        .then(|| format!("the tag {anywhere} is on another commit: that version is published; take the next one"))
}

fn of_contact(security: &str) -> Option<String> {
    security
        .contains(".example")
        .then(|| "SECURITY.md names an address that nobody reads; write who is told of a hole".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn refused(found: Option<String>, part: &str) {
        let found = found.unwrap();
        assert!(found.contains(part), "{found}");
    }

    #[test]
    fn the_version_is_the_stated_one() {
        assert_eq!(of_version("1.2.3", "1.2.3"), None);
        refused(of_version("1.2.4", "1.2.3"), "Cargo.toml states 1.2.3");
        refused(of_version("v1.2.3", "1.2.3"), "`v1.2.3` is no version");
    }

    #[test]
    fn the_changelog_tells_of_the_version() {
        let good = "# Changelog\n\nAll.\n\n## Unreleased\n\n## 1.2.3, 2026-11-24\n\n- One.\n\n## 1.2.2, 2026-01-01\n\n- Two.\n";
        assert_eq!(of_changelog("1.2.3", good), None);
        assert_eq!(of_changelog("1.2.3", &good.replace("## Unreleased\n\n", "")), None);
        refused(
            of_changelog("1.2.3", &good.replace("## Unreleased\n", "## Unreleased\n\n- Waits.\n")),
            "under `Unreleased`",
        );
        refused(of_changelog("1.2.2", good), "the newest heading of CHANGELOG.md is `## 1.2.3, 2026-11-24`");
        refused(of_changelog("1.2.3", &good.replace("2026-11-24", "2026-13-24")), "not `## 1.2.3, YYYY-MM-DD`");
        refused(of_changelog("1.2.3", &good.replace(", 2026-11-24", "")), "not `## 1.2.3, YYYY-MM-DD`");
        refused(of_changelog("1.2.3", &good.replace("- One.\n", "")), "says nothing under");
        refused(of_changelog("1.2.3", "# Changelog\n\n## Unreleased\n"), "has no `## 1.2.3");
    }

    #[test]
    fn both_manifests_name_one_repository() {
        let of = |text: &str| of_repository("https://git.example/a/b", text).unwrap();
        assert_eq!(of(r#"{ "repository": { "type": "git", "url": "git+https://git.example/a/b.git" } }"#), None);
        assert_eq!(of(r#"{ "repository": "https://git.example/a/b" }"#), None);
        refused(of(r#"{ "repository": "https://git.example/a/c" }"#), "names https://git.example/a/c, and Cargo.toml");
        refused(of("{}"), "names no repository");
    }

    #[test]
    fn a_tag_is_on_this_commit() {
        assert_eq!(of_tag("", ""), None);
        assert_eq!(of_tag("v1.2.3", "v1.2.3"), None);
        refused(of_tag("v1.2.3", ""), "the tag v1.2.3 is on another commit");
    }

    #[test]
    fn somebody_is_told_of_holes() {
        assert_eq!(of_contact("Write to security@sendergate.net."), None);
        refused(of_contact("Write to security@sendergate.example."), "SECURITY.md");
    }
}
