//! The provenance of the published files, as an in-toto statement with the predicate of SLSA 1.0
//! (<https://slsa.dev/spec/v1.0/provenance>). GitHub's attestation signs it; a reader can repeat the build with it.

use anyhow::{Context, Result};
use serde_json::{Value, json};

use super::Artifact;
use crate::run::cmd;

/// The statement, with the versions of this machine's tools.
pub(super) fn statement(version: &str, commit: &str, artifacts: &[Artifact]) -> Result<String> {
    let tools = [("rustc", "--version"), ("cargo", "--version"), ("node", "--version"), ("npm", "--version")];
    let tools = tools.map(|(name, word)| Ok((name, cmd(name).arg(word).read()?)));
    let tools: Vec<(&str, String)> = tools.into_iter().collect::<Result<_>>()?;
    let builder = std::env::var("GITHUB_RUN_ID").ok().zip(std::env::var("GITHUB_SERVER_URL").ok());
    let builder = builder.map_or_else(
        || "urn:sendergate:xtask-release".to_owned(),
        |(run, server)| {
            let repository = std::env::var("GITHUB_REPOSITORY").unwrap_or_default();
            format!("{server}/{repository}/actions/runs/{run}")
        },
    );
    written(&of(version, commit, artifacts, &tools, &builder))
}

fn written(statement: &Value) -> Result<String> {
    let text = serde_json::to_string_pretty(statement).context("a statement is JSON")?;
    Ok(text + "\n")
}

fn of(version: &str, commit: &str, artifacts: &[Artifact], tools: &[(&str, String)], builder: &str) -> Value {
    let repository = env!("CARGO_PKG_REPOSITORY");
    let subjects: Vec<Value> = artifacts
        .iter()
        .map(|it| json!({ "name": it.name, "digest": { "sha256": it.sha256, "sha512": it.sha512 } }))
        .collect();
    let tools: Vec<Value> =
        tools.iter().map(|(name, version)| json!({ "name": name, "annotations": { "version": version } })).collect();
    let source = json!({ "uri": format!("git+{repository}@refs/tags/v{version}"), "digest": { "gitCommit": commit } });
    json!({
        "_type": "https://in-toto.io/Statement/v1",
        "subject": subjects,
        "predicateType": "https://slsa.dev/provenance/v1",
        "predicate": {
            "buildDefinition": {
                "buildType": format!("{repository}/blob/main/RELEASING.md"),
                "externalParameters": { "command": format!("cargo xtask release {version}"), "version": version },
                "internalParameters": {},
                "resolvedDependencies": std::iter::once(source).chain(tools).collect::<Vec<_>>(),
            },
            "runDetails": { "builder": { "id": builder } },
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_file_stands_with_its_digests_and_the_commit() {
        let artifact = Artifact { name: "a.tgz".into(), sha256: "aa".into(), sha512: "bb".into() };
        let statement = of("1.2.3", "c0ffee", &[artifact], &[("rustc", "rustc 1.95.0".into())], "urn:here");
        assert_eq!(statement["subject"], json!([{ "name": "a.tgz", "digest": { "sha256": "aa", "sha512": "bb" } }]));
        let definition = &statement["predicate"]["buildDefinition"];
        assert_eq!(definition["resolvedDependencies"][0]["digest"]["gitCommit"], "c0ffee");
        assert_eq!(definition["resolvedDependencies"][1]["annotations"]["version"], "rustc 1.95.0");
        assert_eq!(statement["predicateType"], "https://slsa.dev/provenance/v1");
    }
}
