//! What git leaves in a file that it could not merge.

use super::Span;

/// The first line of an unfinished merge: where `text` has the three markers of a conflict at the beginning of lines, in
/// their order. An underline of `=` alone is none.
pub fn conflict_marker(text: &str) -> Option<Span> {
    if !text.contains("<<<<<<< ") {
        return None;
    }
    let (mut first, mut parted, mut at) = (None, false, 0);
    for line in text.split_inclusive('\n') {
        let plain = line.trim_end_matches(['\n', '\r']);
        if plain.starts_with("<<<<<<< ") {
            (first, parted) = (Some(Span::new(at, at + plain.len())), false);
        } else if plain == "=======" {
            parted = first.is_some();
        } else if plain.starts_with(">>>>>>> ") && parted {
            return first;
        }
        at += line.len();
    }
    None
}

#[cfg(test)]
mod tests {
    use super::conflict_marker;

    #[test]
    fn a_conflict_is_its_three_markers_in_order() {
        let conflict = "a = 1\n<<<<<<< HEAD\nb = 1\n=======\nb = 2\n>>>>>>> branch\n";
        assert_eq!(conflict_marker(conflict).map(|span| &conflict[span.start..span.end]), Some("<<<<<<< HEAD"));
        assert!(conflict_marker(&conflict.replace('\n', "\r\n")).is_some());
        assert!(conflict_marker(&conflict.replace("=======", "||||||| base\nb = 0\n=======")).is_some());
        for text in [
            "Title\n=======\n",
            ">>>>>>> x\n=======\n<<<<<<< y\n",
            "x = '''\n <<<<<<< a\n=======\n>>>>>>> b\n'''\n",
            "<<<<<<< a\n",
        ] {
            assert_eq!(conflict_marker(text), None, "{text}");
        }
    }
}
