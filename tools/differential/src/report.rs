//! What a run found: a table on the screen, and the same as JSON.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use serde_json::{Value, json};

use crate::case::Case;
use crate::classes;
use crate::reader::{Answer, Config};

/// A minimal message that the engine authorizes and somebody reads otherwise.
pub(crate) struct Difference {
    pub(crate) case: Case,
    /// The number of the message it was made from.
    pub(crate) number: u64,
    /// Who reads the victim, and what they read.
    pub(crate) readings: Answer,
}

/// Differences of one shape.
pub(crate) struct Class {
    pub(crate) shape: String,
    pub(crate) programs: BTreeSet<String>,
    /// Configurations whose reading is in scope.
    pub(crate) in_scope: BTreeSet<String>,
    pub(crate) reasons: BTreeSet<&'static str>,
    pub(crate) examples: Vec<Difference>,
}

/// The differences by shape, those in scope first, then by how many programs read them.
pub(crate) fn classes(found: Vec<Difference>, configs: &BTreeMap<String, Config>) -> Vec<Class> {
    let mut by_shape: BTreeMap<String, Class> = BTreeMap::new();
    for difference in found {
        let kind = if difference.case.path { "reverse-path " } else { "" };
        let shape = kind.to_owned() + &classes::shape(&difference.case.octets);
        let class = by_shape.entry(shape.clone()).or_insert_with(|| Class {
            shape,
            programs: BTreeSet::new(),
            in_scope: BTreeSet::new(),
            reasons: BTreeSet::new(),
            examples: Vec::new(),
        });
        for name in difference.readings.keys() {
            let program = configs.get(name).map_or(name.as_str(), |config| config.program.as_str());
            class.programs.insert(program.to_owned());
            match classes::out_of_scope(program, &difference.case.message()) {
                Some(reason) => drop(class.reasons.insert(reason)),
                None => drop(class.in_scope.insert(name.clone())),
            }
        }
        class.examples.push(difference);
    }
    let mut classes: Vec<Class> = by_shape.into_values().collect();
    classes.sort_by_key(|class| (class.in_scope.is_empty(), usize::MAX - class.programs.len()));
    classes
}

/// The table for the screen.
pub(crate) fn show(classes: &[Class], limit: usize) {
    for class in classes.iter().take(limit) {
        let example = &class.examples[0];
        let programs: Vec<&str> = class.programs.iter().map(String::as_str).collect();
        let scope = if class.in_scope.is_empty() { "out of scope" } else { "IN SCOPE" };
        println!("{scope}  {}", class.shape);
        println!("    message {}: {:?}", example.number, String::from_utf8_lossy(&example.case.octets));
        println!("    read by {}", programs.join(", "));
        for reason in &class.reasons {
            println!("    {reason}");
        }
    }
    if classes.len() > limit {
        println!("… and {} more classes", classes.len() - limit);
    }
}

/// The same for programs: every class with its first three examples.
pub(crate) fn write(classes: &[Class], seed: u64, path: &Path) -> Result<(), String> {
    let classes: Vec<Value> = classes
        .iter()
        .map(|class| {
            let examples: Vec<Value> = class.examples.iter().take(3).map(example).collect();
            json!({
                "shape": class.shape,
                "scope": if class.in_scope.is_empty() { "out" } else { "in" },
                "programs": class.programs,
                "reasons": class.reasons,
                "messages": class.examples.len(),
                "examples": examples,
            })
        })
        .collect();
    let text = serde_json::to_string_pretty(&json!({ "seed": seed, "classes": classes }))
        .map_err(|error| error.to_string())?;
    std::fs::write(path, text + "\n").map_err(|error| format!("{}: {error}", path.display()))
}

fn example(difference: &Difference) -> Value {
    let octets: String = difference.case.message().iter().map(|&octet| char::from(octet)).collect();
    json!({
        // Each character stands for one octet.
        "message": octets,
        "path": difference.case.path,
        "number": difference.number,
        "readings": difference.readings,
    })
}
