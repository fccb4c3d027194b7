//! Scalars that readers of YAML disagree about, and what to write in their place.

use super::definition::Type;

/// What YAML 1.1 reads as a switch beside `true` and `false`; `PyYAML` leaves `y` and `n` as text.
const SWITCHES: [(&str, bool); 4] = [("yes", true), ("on", true), ("no", false), ("off", false)];

/// The switch that `text` was in YAML 1.1: `yes`, `Yes`, `YES` and so on.
pub(super) fn switch(text: &str) -> Option<bool> {
    let (lower, capital) = (text.to_ascii_lowercase(), text.get(1..)?);
    let in_a_case = [capital.to_ascii_lowercase(), capital.to_ascii_uppercase()].iter().any(|rest| rest == capital);
    let is_capital = text.starts_with(|c: char| c.is_ascii_uppercase());
    let as_read = in_a_case && (is_capital || text == lower);
    SWITCHES.iter().find(|(word, _)| as_read && *word == lower).map(|(_, flag)| *flag)
}

/// What was probably meant by a `text` where one of the types `wanted` has to be.
pub(super) fn cure(text: &str, wanted: &[Type]) -> Option<String> {
    if wanted.contains(&Type::Boolean) && !wanted.contains(&Type::Integer) {
        let short = [("y", true), ("n", false), ("1", true), ("0", false)];
        let short = short.iter().find(|(word, _)| text.eq_ignore_ascii_case(word)).map(|(_, flag)| *flag);
        return switch(&text.to_ascii_lowercase()).or(short).map(|flag| format!("write `{flag}`"));
    }
    if !wanted.contains(&Type::Integer) && !wanted.contains(&Type::Number) {
        return None;
    }
    let plain = text.replace('_', "");
    let (sign, digits) = plain.strip_prefix('-').map_or(("", plain.as_str()), |digits| ("-", digits));
    let decimal = || digits.parse::<u64>().ok().map(|number| format!("{sign}{number}"));
    if let Some(octal) = digits.strip_prefix('0').filter(|rest| !rest.is_empty() && !rest.contains('.')) {
        let octal = octal.strip_prefix(['o', 'O']).unwrap_or(octal);
        let octal = u64::from_str_radix(octal, 8).ok().map(|number| format!("{sign}{number}"));
        return match (octal, decimal()) {
            (Some(octal), Some(decimal)) if octal != decimal => {
                Some(format!("write `{octal}` if the number is octal, as YAML 1.1 reads it, or `{decimal}`"))
            }
            (number, other) => number.or(other).map(|number| format!("write `{number}`")),
        };
    }
    let number = decimal()
        .or_else(|| plain.parse::<f64>().ok().filter(|_| wanted.contains(&Type::Number)).map(|_| plain.clone()));
    number.map(|number| format!("write `{number}`"))
}

#[cfg(test)]
mod tests {
    use super::super::definition::Type;
    use super::{cure, switch};

    #[test]
    fn a_switch_is_what_pyyaml_reads_as_one() {
        for text in ["yes", "Yes", "YES", "on", "On", "ON"] {
            assert_eq!(switch(text), Some(true), "{text}");
        }
        for text in ["no", "Off", "OFF"] {
            assert_eq!(switch(text), Some(false), "{text}");
        }
        for text in ["yEs", "y", "n", "", "true", "onn", "oN"] {
            assert_eq!(switch(text), None, "{text}");
        }
    }

    #[test]
    fn a_cure_is_what_was_probably_meant() {
        for (text, wanted, expected) in [
            ("010", Type::Integer, Some("write `8` if the number is octal, as YAML 1.1 reads it, or `10`")),
            ("007", Type::Integer, Some("write `7`")),
            ("08", Type::Integer, Some("write `8`")),
            ("0o17", Type::Integer, Some("write `15`")),
            ("1_000", Type::Integer, Some("write `1000`")),
            ("5", Type::Integer, Some("write `5`")),
            ("-1_0", Type::Integer, Some("write `-10`")),
            ("five", Type::Integer, None),
            ("0.5", Type::Number, Some("write `0.5`")),
            ("yes", Type::Boolean, Some("write `true`")),
            ("OFF", Type::Boolean, Some("write `false`")),
            ("n", Type::Boolean, Some("write `false`")),
            ("maybe", Type::Boolean, None),
            ("yes", Type::String, None),
        ] {
            assert_eq!(cure(text, &[wanted]).as_deref(), expected, "{text}");
        }
    }
}
