//! Changes to an answer.

use serde_json::{Value, json};

/// Lays `missing` below what is there.
pub(super) fn fill(value: &mut Value, missing: Value) {
    match (value, missing) {
        (Value::Object(fields), Value::Object(missing)) => {
            for (name, missing) in missing {
                fill(fields.entry(name).or_insert(Value::Null), missing);
            }
        }
        (value @ Value::Null, missing) => *value = missing,
        _ => {}
    }
}

/// Dresses each item of the list, or value of the map, at a JSON pointer.
pub(super) fn each(value: &mut Value, place: &str, dress: fn(&mut Value)) {
    match value.pointer_mut(place) {
        Some(Value::Array(items)) => items.iter_mut().for_each(dress),
        Some(Value::Object(fields)) => fields.values_mut().for_each(dress),
        _ => {}
    }
}

pub(super) fn each_cluster(answer: &mut Value, missing: &Value) {
    let clusters = answer.pointer_mut("/spec/clusters").and_then(Value::as_array_mut);
    for cluster in clusters.into_iter().flatten() {
        fill(cluster, missing.clone());
    }
}

/// Adds a cluster to those of classic compute.
pub(super) fn add_cluster(answer: &mut Value, cluster: &Value) {
    if answer["spec"]["serverless"] != true {
        fill(answer, json!({"spec": {"clusters": []}}));
        if let Some(Value::Array(clusters)) = answer.pointer_mut("/spec/clusters") {
            clusters.push(cluster.clone());
        }
    }
}

pub(super) fn reverse(value: &mut Value, place: &str) {
    if let Some(Value::Array(items)) = value.pointer_mut(place) {
        items.reverse();
    }
}

pub(super) fn respell(value: &mut Value, place: &str, respelled: fn(&str) -> String) {
    if let Some(Value::String(text)) = value.pointer_mut(place) {
        *text = respelled(text);
    }
}

/// Respells the paths of a workspace.
pub(super) fn each_path(answer: &mut Value, respelled: fn(&str) -> String) {
    let respell = |value: Option<&mut Value>| {
        if let Some(Value::String(text)) = value
            && text.starts_with('/')
        {
            *text = respelled(text);
        }
    };
    respell(answer.pointer_mut("/spec/root_path"));
    for (list, place) in
        [("libraries", "/notebook/path"), ("libraries", "/file/path"), ("environment/dependencies", "")]
    {
        let items = answer.pointer_mut(&format!("/spec/{list}")).and_then(Value::as_array_mut);
        for item in items.into_iter().flatten() {
            respell(item.pointer_mut(place));
        }
    }
}

/// Replaces the scalars in `value` for which there is another.
pub(super) fn scalars(value: &mut Value, other: &dyn Fn(&Value) -> Option<Value>) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(|item| scalars(item, other)),
        Value::Object(fields) => fields.values_mut().for_each(|field| scalars(field, other)),
        scalar => {
            if let Some(other) = other(scalar) {
                *scalar = other;
            }
        }
    }
}

/// A text as the number or boolean that it reads as.
pub(super) fn parse(value: &mut Value) {
    let scalar = value.as_str().and_then(|text| serde_json::from_str::<Value>(text).ok());
    if let Some(scalar @ (Value::Bool(_) | Value::Number(_))) = scalar {
        *value = scalar;
    }
}

/// Removes the fields at any depth whose value is one to leave out.
pub(super) fn leave_out(value: &mut Value, is_left_out: &dyn Fn(&Value) -> bool) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(|item| leave_out(item, is_left_out)),
        Value::Object(fields) => {
            fields.retain(|_, field| !is_left_out(field));
            fields.values_mut().for_each(|field| leave_out(field, is_left_out));
        }
        _ => {}
    }
}
