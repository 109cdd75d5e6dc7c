//! The components of the published files, as CycloneDX 1.6 (ECMA-424), from what cargo resolves. The same commit gives
//! the same text: it contains no time and no random number.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use serde_json::{Value, json};

use crate::run::{cmd, root};
use crate::tools::WASM_TARGET;

/// The components of the crate that is unpacked in `folder`: its dependencies on any target. This workspace has others,
/// because it patches one.
pub(super) fn of_crate(version: &str, folder: &Path) -> Result<String> {
    let purl = format!("pkg:cargo/sendergate@{version}");
    written(&of(folder, &["--features", "serde"], &purl, version)?)
}

/// The components of the npm package: what is linked into its module, and what makes the tables in it.
pub(super) fn of_package(version: &str) -> Result<String> {
    let purl = format!("pkg:npm/sendergate@{version}");
    written(&of(&root(), &["--features", "sendergate/wasm", "--filter-platform", WASM_TARGET], &purl, version)?)
}

fn metadata(folder: &Path, words: &[&str]) -> Result<Value> {
    let manifest = folder.join("Cargo.toml");
    let metadata =
        cmd("cargo").args(["metadata", "--locked", "--format-version", "1", "--manifest-path"]).arg(manifest);
    serde_json::from_str(&metadata.args(words).read()?).context("cargo metadata is no JSON")
}

fn written(sbom: &Value) -> Result<String> {
    Ok(serde_json::to_string_pretty(sbom).context("an SBOM is JSON")? + "\n")
}

fn text<'a>(value: &'a Value, key: &str) -> &'a str {
    value.get(key).and_then(Value::as_str).unwrap_or_default()
}

fn list<'a>(value: &'a Value, key: &str) -> &'a [Value] {
    value.get(key).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

/// How a package is used: linked, or only run during a build.
#[derive(Default)]
struct Graph {
    linked: BTreeSet<String>,
    built: BTreeSet<String>,
}

fn of(folder: &Path, words: &[&str], purl: &str, version: &str) -> Result<Value> {
    let metadata = metadata(folder, words)?;
    let packages: BTreeMap<&str, &Value> = list(&metadata, "packages").iter().map(|it| (text(it, "id"), it)).collect();
    let resolve = metadata.get("resolve").context("cargo metadata resolves nothing")?;
    let nodes: BTreeMap<&str, &Value> = list(resolve, "nodes").iter().map(|node| (text(node, "id"), node)).collect();
    let engine = packages.values().find(|it| text(it, "name") == "sendergate").context("there is no sendergate")?;
    let engine = text(engine, "id");
    let mut graph = Graph::default();
    walk(engine, false, &packages, &nodes, &mut graph);

    let checksums = checksums(&fs::read_to_string(folder.join("Cargo.lock"))?);
    let mut components = vec![public_suffixes()?];
    let mut dependencies = vec![json!({ "ref": purl, "dependsOn": refs(engine, &nodes, &packages) })];
    for id in graph.linked.iter().chain(graph.built.difference(&graph.linked)).filter(|id| *id != engine) {
        let package = packages.get(id.as_str()).with_context(|| format!("cargo metadata lacks {id}"))?;
        let scope = if graph.linked.contains(id) { "required" } else { "excluded" };
        components.push(component(package, scope, &checksums));
        dependencies.push(json!({ "ref": purl_of(package), "dependsOn": refs(id, &nodes, &packages) }));
    }
    Ok(json!({
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {
            "component": {
                "type": "library",
                "bom-ref": purl,
                "name": "sendergate",
                "version": version,
                "purl": purl,
                "licenses": [{ "expression": "MIT OR Apache-2.0" }],
            },
        },
        "components": components,
        "dependencies": dependencies,
    }))
}

/// Follows the dependencies, without those of tests and benchmarks.
fn walk(
    id: &str,
    building: bool,
    packages: &BTreeMap<&str, &Value>,
    nodes: &BTreeMap<&str, &Value>,
    graph: &mut Graph,
) {
    let building = building || packages.get(id).is_some_and(|package| is_macro(package));
    let reached = if building { &mut graph.built } else { &mut graph.linked };
    if !reached.insert(id.to_owned()) {
        return;
    }
    for dependency in nodes.get(id).map_or(&[][..], |node| list(node, "deps")) {
        let kinds = || list(dependency, "dep_kinds").iter().map(|kind| kind.get("kind").and_then(Value::as_str));
        if kinds().any(|kind| kind.is_none()) {
            walk(text(dependency, "pkg"), building, packages, nodes, graph);
        }
        if kinds().any(|kind| kind == Some("build")) {
            walk(text(dependency, "pkg"), true, packages, nodes, graph);
        }
    }
}

/// Whether a package runs in the compiler.
fn is_macro(package: &Value) -> bool {
    list(package, "targets").iter().any(|target| list(target, "kind").iter().any(|kind| kind == "proc-macro"))
}

/// The references to a package's dependencies.
fn refs(id: &str, nodes: &BTreeMap<&str, &Value>, packages: &BTreeMap<&str, &Value>) -> Vec<String> {
    let published = |dependency: &&Value| {
        list(dependency, "dep_kinds").iter().any(|kind| kind.get("kind").and_then(Value::as_str) != Some("dev"))
    };
    let needed = nodes.get(id).map_or(&[][..], |node| list(node, "deps")).iter().filter(published);
    let refs: BTreeSet<String> =
        needed.filter_map(|dependency| Some(purl_of(packages.get(text(dependency, "pkg"))?))).collect();
    refs.into_iter().collect()
}

fn purl_of(package: &Value) -> String {
    format!("pkg:cargo/{}@{}", text(package, "name"), text(package, "version"))
}

fn component(package: &Value, scope: &str, checksums: &BTreeMap<String, String>) -> Value {
    let purl = purl_of(package);
    let mut component = json!({
        "type": "library",
        "bom-ref": purl,
        "name": text(package, "name"),
        "version": text(package, "version"),
        "scope": scope,
        // Some manifests have the old form with a slash.
        "licenses": [{ "expression": text(package, "license").replace('/', " OR ").replace("  ", " ") }],
    });
    // A package without a checksum is a part of this repository and not on crates.io.
    if let (Some(sum), Some(fields)) = (checksums.get(&purl), component.as_object_mut()) {
        fields.insert("hashes".into(), json!([{ "alg": "SHA-256", "content": sum }]));
        fields.insert("purl".into(), purl.into());
    }
    component
}

/// The public suffix list: a table of the engine is made from it, so its licence applies.
fn public_suffixes() -> Result<Value> {
    const PATH: &str = "data/public_suffix_list.icann.dat";
    let list = fs::read_to_string(root().join(PATH))?;
    let version = list.lines().find_map(|line| line.strip_prefix("// VERSION: "));
    Ok(json!({
        "type": "data",
        "bom-ref": "public-suffix-list",
        "name": "Public Suffix List",
        "version": version.with_context(|| format!("{PATH} has no VERSION line"))?.trim(),
        "licenses": [{ "expression": "MPL-2.0" }],
        "externalReferences": [{ "type": "distribution", "url": "https://publicsuffix.org/list/public_suffix_list.dat" }],
    }))
}

/// The checksums of a lock file, by package URL.
fn checksums(lock: &str) -> BTreeMap<String, String> {
    let value = |part: &str, key: &str| {
        let line = part.lines().find_map(|line| line.strip_prefix(key));
        Some(line?.strip_prefix(" = \"")?.strip_suffix('"')?.to_owned())
    };
    let of = |part: &str| {
        let purl = format!("pkg:cargo/{}@{}", value(part, "name")?, value(part, "version")?);
        Some((purl, value(part, "checksum")?))
    };
    lock.split("[[package]]\n").filter_map(of).collect()
}

#[cfg(test)]
mod tests {
    use super::super::{packaged, unpacked};
    use super::*;

    fn names(sbom: &Value, scope: &str) -> Vec<String> {
        let parts = list(sbom, "components").iter().filter(|it| text(it, "scope") == scope);
        parts.map(|it| text(it, "name").to_owned()).collect()
    }

    #[test]
    fn the_package_names_what_is_linked_and_what_builds_it() {
        let sbom: Value = serde_json::from_str(&of_package("1.2.3").unwrap()).unwrap();
        let (linked, built) = (names(&sbom, "required"), names(&sbom, "excluded"));
        for name in ["idna", "idna_adapter", "mail-parser", "wasm-bindgen"] {
            assert!(linked.contains(&name.to_owned()), "{name} is missing of {linked:?}");
        }
        for name in ["unicode-script", "hashify", "syn"] {
            assert!(
                built.contains(&name.to_owned()) && !linked.contains(&name.to_owned()),
                "{name} is linked: {linked:?}"
            );
        }
        let ours = list(&sbom, "components").iter().find(|it| text(it, "name") == "idna_adapter").unwrap();
        assert!(ours.get("purl").is_none(), "crates.io has no {ours}");
        for name in ["proptest", "xtask", "sendergate"] {
            assert!(!linked.contains(&name.to_owned()) && !built.contains(&name.to_owned()), "{name} is no part");
        }
        assert_eq!(sbom["metadata"]["component"]["purl"], "pkg:npm/sendergate@1.2.3");
        assert_eq!(sbom["components"][0]["name"], "Public Suffix List");
    }

    #[test]
    fn every_part_has_a_licence_and_what_comes_from_a_registry_a_checksum() {
        let target = std::env::temp_dir().join(format!("sendergate-sbom-{}", std::process::id()));
        let folder = unpacked(&packaged(&root(), &target, &["--allow-dirty"]).unwrap()).unwrap();
        let sbom: Value = serde_json::from_str(&of_crate("1.2.3", &folder).unwrap()).unwrap();
        fs::remove_dir_all(target).unwrap();
        assert!(names(&sbom, "required").contains(&"idna_adapter".to_owned()), "{sbom}");
        let refs: BTreeSet<&str> = list(&sbom, "components").iter().map(|it| text(it, "bom-ref")).collect();
        for part in list(&sbom, "components") {
            let expression = text(&part["licenses"][0], "expression");
            assert!(!expression.is_empty() && !expression.contains('/'), "{part}");
            let is_data = text(part, "name") == "Public Suffix List";
            assert!(is_data || part["hashes"][0]["content"].as_str().is_some_and(|sum| sum.len() == 64), "{part}");
        }
        for edge in list(&sbom, "dependencies").iter().flat_map(|it| list(it, "dependsOn")) {
            assert!(refs.contains(edge.as_str().unwrap()), "{edge} is no component");
        }
    }
}
