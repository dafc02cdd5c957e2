//! Holds `findings.json` to `docs/findings-schema.json`, with the few words of JSON Schema that the file uses.

use serde_json::Value;

use super::{Report, json, sample};

const SCHEMA: &str = include_str!("../../docs/findings-schema.json");

/// All violations of `schema` by `value`, with their paths.
fn check(root: &Value, schema: &Value, value: &Value, path: &str, out: &mut Vec<String>) {
    if let Some(name) = schema["$ref"].as_str() {
        let name = name.trim_start_matches("#/$defs/");
        return check(root, &root["$defs"][name], value, path, out);
    }
    if let Some(options) = schema["anyOf"].as_array() {
        let fits = options.iter().any(|option| {
            let mut errors = Vec::new();
            check(root, option, value, path, &mut errors);
            errors.is_empty()
        });
        if !fits {
            out.push(format!("{path}: none of anyOf"));
        }
        return;
    }
    let type_fits = match schema["type"].as_str() {
        Some("object") => value.is_object(),
        Some("array") => value.is_array(),
        Some("string") => value.is_string(),
        Some("integer") => value.is_i64() || value.is_u64(),
        Some("boolean") => value.is_boolean(),
        Some("null") => value.is_null(),
        None => true,
        Some(other) => panic!("schema word {other}"),
    };
    if !type_fits {
        out.push(format!("{path}: {} expected", schema["type"]));
        return;
    }
    check_plain(schema, value, path, out);
    check_object(root, schema, value, path, out);
    if let (Some(items), Some(values)) = (schema.get("items"), value.as_array()) {
        for (i, item) in values.iter().enumerate() {
            check(root, items, item, &format!("{path}/{i}"), out);
        }
    }
}

fn check_plain(schema: &Value, value: &Value, path: &str, out: &mut Vec<String>) {
    if let Some(only) = schema.get("const")
        && only != value
    {
        out.push(format!("{path}: {only} expected"));
    }
    if let Some(words) = schema["enum"].as_array()
        && !words.contains(value)
    {
        out.push(format!("{path}: {value} is not one of the words"));
    }
    if let (Some(pattern), Some(text)) = (schema["pattern"].as_str(), value.as_str())
        && !regex::Regex::new(pattern).unwrap().is_match(text)
    {
        out.push(format!("{path}: {text} does not match {pattern}"));
    }
    if let (Some(least), Some(number)) = (schema["minimum"].as_i64(), value.as_i64())
        && number < least
    {
        out.push(format!("{path}: below {least}"));
    }
}

fn check_object(root: &Value, schema: &Value, value: &Value, path: &str, out: &mut Vec<String>) {
    let Some(object) = value.as_object() else {
        return;
    };
    for name in schema["required"].as_array().into_iter().flatten() {
        if !object.contains_key(name.as_str().unwrap()) {
            out.push(format!("{path}: {name} is missing"));
        }
    }
    for (name, member) in object {
        match schema["properties"].get(name) {
            Some(inner) => check(root, inner, member, &format!("{path}/{name}"), out),
            None => out.push(format!("{path}/{name}: not in the schema")),
        }
    }
}

fn errors(value: &Value) -> Vec<String> {
    let schema: Value = serde_json::from_str(SCHEMA).unwrap();
    let mut out = Vec::new();
    check(&schema, &schema, value, "", &mut out);
    out
}

fn document() -> Value {
    let run = sample::run();
    let bytes = json::render(&Report::new(&run, sample::generated_at())).unwrap();
    serde_json::from_slice(&bytes).unwrap()
}

#[test]
fn the_file_keeps_its_schema() {
    assert_eq!(errors(&document()), Vec::<String>::new());
}

#[test]
fn the_check_sees_what_is_wrong() {
    let mut value = document();
    value["findings"][0]["kind"] = "crime".into();
    value["findings"][1]["amount"]["fen"] = "12".into();
    value["run"].as_object_mut().unwrap().remove("digest");
    value["generated_at"] = "2025-01-15".into();
    assert_eq!(errors(&value).len(), 4, "{:?}", errors(&value));
}
