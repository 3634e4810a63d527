//! The field registry as a JSON schema, for editors that check and complete TOML.

use super::{FieldDoc, FieldKind, Presence, Range, SCHEMA, fields};
use serde_json::{Map, Value, json};

/// The schema of a target file (JSON Schema 2020-12).
pub fn json_schema() -> Value {
    let mut schema = table("");
    let about = json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": format!("prism-target-{SCHEMA}"),
        "title": "Prism target",
        "description": "A machine that computes with light and electrons.",
    });
    for (key, value) in about.as_object().into_iter().flatten() {
        schema[key] = value.clone();
    }
    schema["properties"]["schema"]["const"] = SCHEMA.into();
    schema
}

/// The table at `path`: its fields, which are required, and nothing else.
fn table(path: &str) -> Value {
    let inner: Vec<&FieldDoc> = fields().iter().filter(|f| f.parent() == path && !f.path.is_empty()).collect();
    let properties: Map<String, Value> = inner.iter().map(|f| (f.name().to_string(), property(f))).collect();
    let required: Vec<&str> = inner.iter().filter(|f| f.presence == Presence::Required).map(|f| f.name()).collect();
    json!({ "type": "object", "properties": properties, "required": required, "additionalProperties": false })
}

fn property(field: &FieldDoc) -> Value {
    let mut value = match field.kind {
        FieldKind::Table => table(field.path),
        FieldKind::Tables => json!({ "type": "array", "items": table(field.path) }),
        FieldKind::Flag => json!({ "type": "boolean" }),
        FieldKind::Count => bounded(json!({ "type": "integer" }), field.range),
        FieldKind::Number => bounded(json!({ "type": "number" }), field.range),
        FieldKind::Choice(words) => json!({ "enum": words }),
        FieldKind::Words(words) => json!({ "type": "array", "items": { "enum": words }, "uniqueItems": true }),
        FieldKind::Names => json!({ "type": "array", "items": name(), "minItems": 1, "uniqueItems": true }),
        FieldKind::Name => name(),
        FieldKind::Text | FieldKind::Formula => json!({ "type": "string", "minLength": 1 }),
        _ => quantity(field),
    };
    let mut doc = field.doc.to_string();
    if field.kind.is_quantity() {
        doc.push_str(&format!("\nValue: {}; {}.", field.kind.expected(), field.range.text()));
    }
    value["description"] = doc.into();
    if let Presence::Default(default) = field.presence {
        value["default"] = match field.kind {
            FieldKind::Flag => (default == "true").into(),
            FieldKind::Count => default.parse::<u64>().map_or(Value::Null, Value::from),
            _ => default.into(),
        };
    }
    value
}

fn name() -> Value {
    json!({ "type": "string", "pattern": "^[A-Za-z0-9_-]{1,64}$" })
}

/// A quantity: text with a unit, or a table with value, source and bounds.
fn quantity(field: &FieldDoc) -> Value {
    let text = json!({ "type": "string", "minLength": 1 });
    json!({ "oneOf": [text, {
        "type": "object",
        "properties": { "value": text, "source": text, "min": text, "max": text },
        "required": ["value"],
        "additionalProperties": false,
        "title": field.name(),
    }] })
}

fn bounded(mut value: Value, range: Range) -> Value {
    match range {
        Range::Any => {}
        Range::NotNegative => value["minimum"] = 0.into(),
        Range::Positive => value["exclusiveMinimum"] = 0.into(),
        Range::Within(low, high) => {
            value["minimum"] = low.into();
            value["maximum"] = high.into();
        }
    }
    value
}
