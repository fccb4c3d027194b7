//! Whether any ref can have a name that a pattern matches: git's rules for names, walked together with the pattern.

use std::collections::{HashSet, VecDeque};

use regex_automata::hybrid::LazyStateID;
use regex_automata::hybrid::dfa::{Cache, DFA};
use regex_automata::{Anchored, Input, MatchKind};

/// States that are looked at; beyond that, a pattern counts as one that can match.
const MOST: usize = 2_000;

/// What a name never has in it, and how that is said (`git check-ref-format`).
const RULES: &[(&str, &str)] = &[
    ("^$", "it is empty"),
    (r"[\x00-\x20\x7f~^:?*\[\\]", "no ref has a space, a control character or one of `~^:?*[\\` in its name"),
    ("^/|//|/$", "no name of a ref begins or ends with `/`, or has `//` in it"),
    (r"\.\.", "no ref has `..` in its name"),
    (r"(?:^|/)\.", "no part of a ref's name begins with `.`"),
    (r"\.$", "no name of a ref ends with `.`"),
    (r"\.lock(?:/|$)", "no part of a ref's name ends with `.lock`"),
    (r"@\{", "no ref has `@{` in its name"),
];

/// What full refs of branches and tags begin with.
const FULL: &str = "(?s)^refs/(?:heads|tags)/.+$";

/// Which names a pattern is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RefNames {
    /// Of branches or tags, without `refs/heads/` or `refs/tags/`.
    Short,
    /// Full refs of branches and tags.
    Full,
}

impl RefNames {
    /// Why nothing that `expression` matches is one of these names; `None` if something may be.
    pub(super) fn obstacle(self, expression: &str) -> Option<&'static str> {
        let both = [expression, FULL];
        let wanted = if self == Self::Full { &both[..] } else { &both[..1] };
        if may_match(wanted, Some(&broken(RULES))) {
            return None;
        }
        if !may_match(wanted, None) {
            return Some("only refs that begin with `refs/heads/` or `refs/tags/` are deployed");
        }
        // Some patterns break one rule or another; the last of them is the one that is said.
        let last = (1..RULES.len()).find(|count| !may_match(wanted, Some(&broken(&RULES[..*count]))));
        RULES.get(last.unwrap_or(RULES.len()) - 1).map(|(_, words)| *words)
    }
}

/// The expression that finds whatever breaks one of `rules`.
fn broken(rules: &[(&str, &str)]) -> String {
    rules.iter().map(|(rule, _)| format!("(?:{rule})")).collect::<Vec<_>>().join("|")
}

/// Whether some text is matched by all of `wanted`, and not by `unwanted`; in doubt, yes.
fn may_match(wanted: &[&str], unwanted: Option<&str>) -> bool {
    let wanted = wanted.iter().map(|expression| Automaton::new(expression, true));
    let unwanted = unwanted.map(|expression| Automaton::new(expression, false));
    let automata: Option<Vec<Automaton>> = wanted.chain(unwanted).collect();
    automata.and_then(|mut automata| search(&mut automata)).unwrap_or(true)
}

/// One expression, walked byte by byte.
struct Automaton {
    dfa: DFA,
    cache: Cache,
    is_wanted: bool,
}

impl Automaton {
    fn new(expression: &str, is_wanted: bool) -> Option<Self> {
        // A cache that would have to be cleared loses the states that were seen; then the walk is given up.
        let config = DFA::config().match_kind(MatchKind::All).minimum_cache_clear_count(Some(0));
        let dfa = DFA::builder().configure(config).build(expression).ok()?;
        Some(Self { cache: dfa.create_cache(), dfa, is_wanted })
    }

    fn start(&mut self) -> Option<LazyStateID> {
        let anchored = if self.is_wanted { Anchored::Yes } else { Anchored::No };
        self.dfa.start_state_forward(&mut self.cache, &Input::new("").anchored(anchored)).ok()
    }

    fn next(&mut self, state: LazyStateID, byte: u8) -> Option<LazyStateID> {
        self.dfa.next_state(&mut self.cache, state, byte).ok()
    }

    /// Whether a text that leads to this state may be of use.
    fn leads_on(&self, state: LazyStateID) -> bool {
        if self.is_wanted { !state.is_dead() } else { !state.is_match() }
    }

    /// Whether a text that ends in this state is of use.
    fn accepts(&mut self, state: LazyStateID) -> Option<bool> {
        Some(self.dfa.next_eoi_state(&mut self.cache, state).ok()?.is_match() == self.is_wanted)
    }
}

/// Whether a text is of use to all automata; `None` if that takes too long to say.
fn search(automata: &mut [Automaton]) -> Option<bool> {
    let start: Vec<LazyStateID> = automata.iter_mut().map(Automaton::start).collect::<Option<_>>()?;
    let bytes = alphabet(automata);
    let mut seen = HashSet::from([start.clone()]);
    let mut open = VecDeque::from([start]);
    while let Some(states) = open.pop_front() {
        if each(automata, &states, Automaton::accepts)?.into_iter().all(|is_accepted| is_accepted) {
            return Some(true);
        }
        for byte in &bytes {
            let next = each(automata, &states, |automaton, state| automaton.next(state, *byte))?;
            let leads_on = automata.iter().zip(&next).all(|(automaton, state)| automaton.leads_on(*state));
            if leads_on && seen.insert(next.clone()) {
                open.push_back(next);
            }
        }
        if seen.len() > MOST {
            return None;
        }
    }
    Some(false)
}

fn each<T>(
    automata: &mut [Automaton],
    states: &[LazyStateID],
    step: impl Fn(&mut Automaton, LazyStateID) -> Option<T>,
) -> Option<Vec<T>> {
    automata.iter_mut().zip(states).map(|(automaton, state)| step(automaton, *state)).collect()
}

/// One byte of each class between which no automaton distinguishes.
fn alphabet(automata: &[Automaton]) -> Vec<u8> {
    let classes =
        |byte: u8| automata.iter().map(|automaton| automaton.dfa.byte_classes().get(byte)).collect::<Vec<_>>();
    let mut seen = HashSet::new();
    (0..=u8::MAX).filter(|byte| seen.insert(classes(*byte))).collect()
}
