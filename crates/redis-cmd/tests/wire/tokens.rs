//! Every word of every command's language can be written.

use std::collections::{BTreeMap, BTreeSet};

use crate::spy::Sent;

/// What can be written, by command, in large letters, which is how servers spell their words.
pub(crate) fn written(rows: &[Sent]) -> BTreeMap<&str, BTreeSet<String>> {
    let mut words = BTreeMap::<_, BTreeSet<_>>::new();
    for row in rows {
        let arguments = row.arguments.iter().map(|word| word.to_ascii_uppercase());
        words
            .entry(row.name.as_str())
            .or_default()
            .extend(arguments);
    }
    words
}

/// The words of the commands' languages: of Redis 7.0, Redis 8.0 and Valkey 9.1, and of later ones as documented, a
/// line a command.
const TOKENS: &str = include_str!("tokens.txt");

#[test]
fn every_word_of_every_language_is_in_some_row() {
    let rows = crate::all();
    let written = written(&rows);
    let mut checked = 0;
    for line in TOKENS.lines() {
        let (name, tokens) = line.split_once(": ").expect("a name and its words");
        for token in tokens.split(' ') {
            let has = written.get(name).is_some_and(|words| words.contains(token));
            assert!(has, "{name} is never written with {token}");
            checked += 1;
        }
    }
    println!("{checked} words of {} commands", TOKENS.lines().count());
    assert!(checked > 400);
}
