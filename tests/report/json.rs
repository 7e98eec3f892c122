//! JSON against the shipped schemas.

use serde_json::{Value, json};
use yamen::report::json;

use crate::samples;

pub fn schema(name: &str) -> Value {
    let path = format!("{}/schema/{name}", env!("CARGO_MANIFEST_DIR"));
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

pub fn check(schema: &Value, instance: &Value) {
    let validator = jsonschema::validator_for(schema).unwrap();
    let errors: Vec<String> = validator
        .iter_errors(instance)
        .map(|error| format!("{}: {error}", error.instance_path()))
        .collect();
    assert!(errors.is_empty(), "{errors:#?}");
}

#[test]
fn report_fits_its_schema() {
    let object: Value = serde_json::from_str(&json::report(&samples::everything())).unwrap();
    check(&schema("yamen.verify.v1.schema.json"), &object);
}

#[test]
fn lines_fit_the_schema_of_a_line() {
    let mut line = schema("yamen.verify.v1.schema.json");
    let object = line.as_object_mut().unwrap();
    object.retain(|key, _| key.starts_with('$'));
    object.insert("$ref".to_owned(), json!("#/$defs/line"));
    let report = samples::everything();
    for entry in &report.entries {
        let text = json::line(entry);
        assert!(!text.contains('\n'));
        check(&line, &serde_json::from_str(&text).unwrap());
    }
    check(&line, &serde_json::from_str(&json::closing_line(&report)).unwrap());
}

#[test]
fn shape_is_the_promised_one() {
    let object: Value = serde_json::from_str(&json::report(&samples::everything())).unwrap();
    let claim = &object["claims"][2];
    assert_eq!(claim["verdict"], "refuted");
    assert_eq!(claim["expected"], "proved");
    assert_eq!(claim["trace"]["loop"], Value::Null);
    let period = &claim["trace"]["periods"][1];
    assert_eq!(period["rules"], json!(["learn[0]", "learn[1]", "cover"]));
    assert_eq!(period["practices"], json!(["cover"]));
    assert_eq!(period["owners"]["report[2]"], "County[2]");
    let last = claim["trace"]["periods"].as_array().unwrap().last().unwrap();
    assert_eq!(last["choices"], json!({}));
    assert_eq!(object["claims"][5]["depth"], 12);
    assert_eq!(object["claims"][3]["trace"]["loop"], 1);
    let summary =
        json!({"claims": 9, "as_expected": 3, "not_as_expected": 4, "unknown": 2, "seconds": 0.87});
    assert_eq!(object["summary"], summary);
}

#[test]
fn an_unknown_key_breaks_the_schema() {
    let mut object: Value = serde_json::from_str(&json::report(&samples::everything())).unwrap();
    object["claims"][0]["surprise"] = json!(1);
    let schema = schema("yamen.verify.v1.schema.json");
    assert!(!jsonschema::is_valid(&schema, &object));
}
