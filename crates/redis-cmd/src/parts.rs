//! What a command consists of, whatever its reply is.

use smallvec::SmallVec;

use crate::{Args, ToArgs, Waits, args::Refusal, session, waiting::waiting};

/// The parts of a command without the type of its reply, so that what is done to them is compiled once and
/// not for every type.
#[derive(Clone)]
pub(crate) struct Parts<'a> {
    pub(crate) args: Args<'a>,
    /// Whether the arguments begin with a name.
    pub(crate) is_named: bool,
    /// Whether it may be one of the few commands that `session.rs` and `waiting.rs` list, as far as the first letters
    /// of its name tell. For nearly all commands that is a quick no.
    may_be_listed: bool,
    /// Which of the arguments are keys, in ascending order.
    keys: SmallVec<[Keys; 2]>,
    pub(crate) read_only: bool,
    pub(crate) waits: Waits,
    /// Why the command must not be sent, if so.
    pub(crate) invalid: Option<&'static str>,
}

/// What can be told from a command's name alone. Most names are written out in the code, where the compiler tells it.
pub(crate) struct NameKind {
    is_word: bool,
    may_be_listed: bool,
}

impl NameKind {
    #[inline(always)]
    pub(crate) fn of(name: &str) -> Self {
        Self {
            is_word: !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_graphic()),
            may_be_listed: begins_like_listed(name),
        }
    }
}

/// Arguments that are keys: from one to before another, each or every second one.
#[derive(Clone, Copy)]
struct Keys {
    from: u32,
    to: u32,
    step: u32,
}

impl<'a> Parts<'a> {
    pub(crate) fn named(name: &str, kind: NameKind) -> Self {
        let args = Args::named(name, kind.is_word);
        Self {
            is_named: !args.is_empty(),
            args,
            may_be_listed: kind.may_be_listed,
            keys: SmallVec::new(),
            read_only: false,
            waits: Waits::No,
            invalid: None,
        }
    }

    /// Appends keys, which may be none.
    pub(crate) fn keys<A: ToArgs + ?Sized>(&mut self, keys: &'a A) {
        let before = self.args.len();
        keys.write_args(&mut self.args);
        self.are_keys(before, 1);
    }

    /// Appends keys, at least one.
    pub(crate) fn several_keys<A: ToArgs + ?Sized>(&mut self, keys: &'a A) {
        let before = self.args.len();
        self.keys(keys);
        self.demand(before, "expected at least one key, found none");
    }

    /// Appends keys and values in turn, at least one pair.
    pub(crate) fn key_value_pairs<A: ToArgs + ?Sized>(&mut self, pairs: &'a A) {
        let before = self.args.len();
        self.pairs(pairs);
        self.are_keys(before, 2);
    }

    /// Appends arguments, at least one.
    pub(crate) fn several<A: ToArgs + ?Sized>(&mut self, args: &'a A) {
        let before = self.args.len();
        args.write_args(&mut self.args);
        self.demand(before, "expected at least one argument, found none");
    }

    /// Appends arguments whose places say what they are for, or what is answered to them, at least one.
    pub(crate) fn elements<A: ToArgs + ?Sized>(&mut self, elements: &'a A) {
        let before = self.args.len();
        let lacks_one = self.write(elements);
        self.demand(before, "expected at least one argument, found none");
        self.demand_all(lacks_one);
    }

    /// The same, but there may be none.
    pub(crate) fn elements_or_none<A: ToArgs + ?Sized>(&mut self, elements: &'a A) {
        let lacks_one = self.write(elements);
        self.demand_all(lacks_one);
    }

    /// Appends keys whose places say what they are for, or what is answered to them, at least one.
    pub(crate) fn each_key<A: ToArgs + ?Sized>(&mut self, keys: &'a A) {
        let before = self.args.len();
        self.elements(keys);
        self.are_keys(before, 1);
    }

    /// Appends arguments that come in pairs, at least one pair.
    pub(crate) fn pairs<A: ToArgs + ?Sized>(&mut self, pairs: &'a A) {
        let before = self.args.len();
        let lacks_one = self.write(pairs);
        self.are_pairs(before);
        if lacks_one {
            self.invalid = Some("expected a value of each pair, found `None`; leave the pair out");
        }
    }

    /// Appends arguments that come in threes, at least three.
    pub(crate) fn triples<A: ToArgs + ?Sized>(&mut self, triples: &'a A) {
        let before = self.args.len();
        let lacks_one = self.write(triples);
        self.demand(before, "expected at least three arguments, found none");
        if self.args.len().saturating_sub(before) % 3 != 0 {
            self.invalid =
                Some("expected arguments in threes, found a number that is no multiple of three");
        }
        if lacks_one {
            self.invalid =
                Some("expected all of each three arguments, found `None`; leave the three out");
        }
    }

    /// Appends arguments; whether one of them was `None`, which is written as nothing.
    fn write<A: ToArgs + ?Sized>(&mut self, args: &'a A) -> bool {
        self.args.append(args)
    }

    /// Why the command must not be sent, if so.
    #[inline]
    pub(crate) fn reason_against(&self) -> Option<&'static str> {
        match (self.invalid, self.args.refusal()) {
            // Servers do not answer a request of nothing.
            (None, None) if !self.is_named => Some("expected the name of a command, found none"),
            (None, None) if self.may_be_listed => session::reason_against(&self.args),
            (None, None) => None,
            (invalid, refusal) => invalid.or_else(|| refusal.map(Refusal::reason)),
        }
    }

    /// How long the server may make the command wait.
    #[inline]
    pub(crate) fn waiting(&self) -> Waits {
        match self.waits {
            Waits::No if self.may_be_listed => waiting(&self.args),
            waits => waits,
        }
    }

    /// Which of the arguments are keys, in ascending order.
    pub(crate) fn key_positions(&self) -> impl Iterator<Item = usize> {
        self.keys
            .iter()
            .flat_map(|keys| (keys.from..keys.to).step_by(keys.step as usize))
            .map(|index| index as usize)
    }

    /// Says that the arguments from `from` on are keys, or every second one is.
    fn are_keys(&mut self, from: usize, step: u32) {
        let (from, to) = (from as u32, self.args.len() as u32);
        self.keys.push(Keys { from, to, step });
    }

    fn are_pairs(&mut self, before: usize) {
        self.demand(
            before,
            "expected at least one pair of arguments, found none",
        );
        if self.args.len() % 2 != before % 2 {
            self.invalid = Some("expected pairs of arguments, found an odd number of arguments");
        }
    }

    /// What is behind a `None` would come to a lower place than it is meant for.
    fn demand_all(&mut self, lacks_one: bool) {
        if lacks_one {
            self.invalid = Some("expected something in each place, found `None`");
        }
    }

    fn demand(&mut self, before: usize, otherwise: &'static str) {
        if self.args.len() == before {
            self.invalid = Some(otherwise);
        }
    }
}

/// Whether the name of a command that `session.rs` or `waiting.rs` lists begins like this one.
#[inline(always)]
fn begins_like_listed(name: &str) -> bool {
    match name.as_bytes() {
        // Its arguments may be.
        [] => true,
        // None is as short.
        [_] | [_, _] | [_, _, _] => false,
        [first, second, ..] => {
            let letters = [first.to_ascii_uppercase(), second.to_ascii_uppercase()];
            #[rustfmt::skip]
            let is_listed = matches!(
                &letters,
                b"AS" | b"AU" | b"BL" | b"BR" | b"BZ" | b"CL" | b"DI" | b"EX" | b"HE" | b"HI" | b"HO" | b"MI" | b"MO"
                    | b"MU" | b"PO" | b"PS" | b"PU" | b"QU" | b"RE" | b"SC" | b"SE" | b"SH" | b"SS" | b"SU" | b"SY"
                    | b"UN" | b"WA" | b"XR"
            );
            is_listed || first.is_ascii_whitespace()
        }
    }
}
