//! Content hashes.

use serde_json::Value;
use sha2::{Digest as _, Sha256};

/// SHA-256 over a sequence of parts, each preceded by its length: no two sequences read alike.
pub(super) struct Fingerprint(Sha256);

impl Fingerprint {
    /// A fingerprint for one purpose; `scheme` changes whenever its inputs do.
    pub(super) fn new(scheme: &str) -> Self {
        Self(Sha256::new()).with(scheme)
    }

    /// The same with one more part.
    pub(super) fn with(mut self, part: impl AsRef<[u8]>) -> Self {
        self.add(part);
        self
    }

    /// Adds one part.
    pub(super) fn add(&mut self, part: impl AsRef<[u8]>) {
        let part = part.as_ref();
        self.0.update((part.len() as u64).to_be_bytes());
        self.0.update(part);
    }

    /// Adds a JSON value; the order of an object's keys does not count.
    pub(super) fn add_json(&mut self, value: &Value) {
        match value {
            Value::Object(fields) => {
                let mut keys: Vec<&String> = fields.keys().collect();
                keys.sort();
                self.add(format!("object {}", keys.len()));
                for key in keys {
                    self.add(key);
                    self.add_json(&fields[key]);
                }
            }
            Value::Array(items) => {
                self.add(format!("array {}", items.len()));
                for item in items {
                    self.add_json(item);
                }
            }
            scalar => self.add(scalar.to_string()),
        }
    }

    /// 64 hexadecimal digits.
    pub(super) fn hex(self) -> String {
        hex::encode(self.0.finalize())
    }

    /// The first twelve digits: enough to distinguish the objects of one folder.
    pub(super) fn short(self) -> String {
        let mut hex = self.hex();
        hex.truncate(12);
        hex
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::Fingerprint;

    #[test]
    fn parts_that_run_together_stay_apart_and_key_order_does_not_count() {
        let parts = |parts: &[&str]| parts.iter().fold(Fingerprint::new("x"), Fingerprint::with).hex();
        assert_ne!(parts(&["ab", "c"]), parts(&["a", "bc"]));
        let json = |value| {
            let mut fingerprint = Fingerprint::new("x");
            fingerprint.add_json(&value);
            fingerprint.short()
        };
        assert_eq!(json(json!({"a": 1, "b": [true]})), json(json!({"b": [true], "a": 1})));
        assert_ne!(json(json!({"a": ["b", "c"]})), json(json!({"a": ["b"], "c": null})));
        assert_ne!(json(json!(["1"])), json(json!([1])));
    }
}
