//! Arguments: what can be one, what can be several, and how they are kept until they are sent.

use std::{
    borrow::Cow,
    collections::{BTreeMap, BTreeSet, HashMap, HashSet, VecDeque},
    fmt,
    hash::BuildHasher,
    mem,
    num::NonZero,
    rc::Rc,
    sync::Arc,
};

use resp_proto::encode::{self, Output};
use smallvec::SmallVec;

use crate::{Typed, encoded::Encoded};

/// Arguments of this length and above are borrowed until they are sent, shorter ones copied.
///
/// Copying a few kilobytes costs less than one more piece in a vectored write.
const BORROWED_FROM: usize = 4096;

/// The longest argument that servers take, unless their `proto-max-bulk-len` is changed: 512 MiB.
pub(crate) const LONGEST: usize = 512 << 20;

/// Why an argument cannot be sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    TooLong,
    Nothing,
    Gap,
    #[cfg(feature = "json")]
    NotJson,
}

impl Refusal {
    pub(crate) fn reason(self) -> &'static str {
        match self {
            Self::TooLong => "expected at most 512 MiB in one argument, found more",
            Self::Nothing => "expected at least one value of an option, found none",
            Self::Gap => "expected all values of an option, found `None` among them",
            #[cfg(feature = "json")]
            Self::NotJson => "expected a value that JSON can hold, found one that it cannot",
        }
    }
}

/// The arguments of a command, encoded as a request as they come.
///
/// Short commands need no allocation, and long values are not copied.
#[derive(Clone)]
pub struct Args<'a> {
    /// A complete request, but for the bytes of the borrowed arguments.
    encoded: Encoded,
    count: usize,
    /// Whether there was a `None`, which is written as nothing.
    lacks_one: bool,
    refusal: Option<Refusal>,
    /// Where in `encoded` the bytes of a borrowed argument belong, in ascending order.
    borrowed: SmallVec<[(usize, &'a [u8]); 1]>,
}

impl<'a> Args<'a> {
    #[inline]
    pub(crate) fn new() -> Self {
        Self {
            encoded: Encoded::new(),
            count: 0,
            lacks_one: false,
            refusal: None,
            borrowed: SmallVec::new(),
        }
    }

    /// The words of a command's name.
    #[inline]
    pub(crate) fn named(name: &str, is_word: bool) -> Self {
        let mut args = Self::new();
        // Nearly all are one word.
        if is_word {
            args.push_copy(name.as_bytes());
        } else {
            args.push_words(name);
        }
        args
    }

    #[cold]
    fn push_words(&mut self, words: &str) {
        words
            .split_ascii_whitespace()
            .for_each(|word| self.push_copy(word.as_bytes()));
    }

    /// Appends an argument. Long ones are borrowed until the command is sent.
    pub fn push(&mut self, bytes: &'a [u8]) {
        if bytes.len() < BORROWED_FROM {
            self.push_copy(bytes);
        } else {
            if bytes.len() > LONGEST {
                self.refuse(Refusal::TooLong);
            }
            self.count_one();
            encode::bulk_header(&mut self.encoded, bytes.len());
            self.borrowed.push((self.encoded.bytes().len(), bytes));
            self.encoded.put(b"\r\n");
        }
    }

    /// Appends an argument made on the way, which cannot be borrowed.
    pub fn push_copy(&mut self, bytes: &[u8]) {
        self.count_one();
        self.encoded.bulk(bytes);
    }

    /// Appends an integer in decimal.
    pub fn push_integer(&mut self, number: i64) {
        self.count_one();
        encode::integer(&mut self.encoded, number);
    }

    /// Appends an integer without a sign in decimal.
    pub fn push_unsigned(&mut self, number: u64) {
        self.count_one();
        encode::integer(&mut self.encoded, number);
    }

    /// Appends a float in the shortest form that reads back as the same number.
    pub fn push_float(&mut self, number: f64) {
        self.count_one();
        encode::float(&mut self.encoded, number);
    }

    /// Appends arguments; whether one of them was `None`, which is written as nothing.
    pub(crate) fn append<A: ToArgs + ?Sized>(&mut self, args: &'a A) -> bool {
        let lacked = mem::take(&mut self.lacks_one);
        args.write_args(self);
        let lacks_one = self.lacks_one;
        self.lacks_one |= lacked;
        lacks_one
    }

    /// Appends the arguments of others, copied.
    fn append_copy(&mut self, others: &Args<'_>) {
        others.iter().for_each(|argument| self.push_copy(argument));
        self.lacks_one |= others.lacks_one;
        if let Some(refusal) = others.refusal {
            self.refuse(refusal);
        }
    }

    /// How many arguments there are, the words of the command's name included.
    #[must_use]
    pub fn len(&self) -> usize {
        self.count
    }

    /// Whether there is no argument.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// Whether something was written as nothing because it was `None`.
    pub(crate) fn lacks_one(&self) -> bool {
        self.lacks_one
    }

    /// Says that the command must not be sent.
    pub(crate) fn refuse(&mut self, refusal: Refusal) {
        self.refusal = Some(refusal);
    }

    /// Why the command must not be sent, if that is because of an argument.
    pub(crate) fn refusal(&self) -> Option<Refusal> {
        self.refusal
    }

    /// The request, but for the bytes of the borrowed arguments.
    pub(crate) fn encoded(&self) -> &[u8] {
        self.encoded.bytes()
    }

    /// Appends the whole request to `out`.
    #[inline]
    pub(crate) fn write_to(&self, out: &mut Vec<u8>) {
        if self.borrowed.is_empty() {
            out.extend_from_slice(self.encoded());
        } else {
            self.write_with_borrowed(out);
        }
    }

    #[cold]
    fn write_with_borrowed(&self, out: &mut Vec<u8>) {
        let (encoded, mut done) = (self.encoded(), 0);
        for &(place, bytes) in &self.borrowed {
            out.extend_from_slice(encoded.get(done..place).unwrap_or_default());
            out.extend_from_slice(bytes);
            done = place;
        }
        out.extend_from_slice(encoded.get(done..).unwrap_or_default());
    }

    pub(crate) fn borrowed(&self) -> &[(usize, &'a [u8])] {
        &self.borrowed
    }

    /// The arguments in order.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &[u8]> + Clone {
        let mut borrowed = self.borrowed.iter();
        let mut next_borrowed = borrowed.next();
        let bytes = self.encoded.bytes();
        let mut at = self.encoded.header();
        std::iter::from_fn(move || {
            let body = line_end(bytes, at);
            if let Some(&(_, bytes)) = next_borrowed.filter(|&&(place, _)| place == body) {
                next_borrowed = borrowed.next();
                at = body.saturating_add(2);
                return Some(bytes);
            }
            let (_, length) = bytes.get(at..body)?.split_first()?;
            let end = body.saturating_add(decimal(length));
            at = end.saturating_add(2);
            bytes.get(body..end)
        })
    }

    /// Adds one to the count in the header.
    #[inline]
    fn count_one(&mut self) {
        self.count = self.count.saturating_add(1);
        if self.encoded.count_one() {
            self.shift_borrowed();
        }
    }

    /// The header has become a byte longer.
    #[cold]
    fn shift_borrowed(&mut self) {
        for (place, _) in &mut self.borrowed {
            *place = place.saturating_add(1);
        }
    }
}

/// Shows what an error message would, and no more of a command that carries secrets than its name.
impl fmt::Debug for Args<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let typed = Typed::new(self.iter()).to_string();
        f.debug_tuple("Args").field(&typed).finish()
    }
}

/// Where the line that starts at `from` ends, its CRLF included; the end of `bytes` if there is none.
fn line_end(bytes: &[u8], from: usize) -> usize {
    let rest = bytes.get(from..).unwrap_or_default();
    let line = rest.split_inclusive(|&byte| byte == b'\n').next();
    line.map_or(bytes.len(), |line| from.saturating_add(line.len()))
}

/// The number in front of a line's end.
fn decimal(line: &[u8]) -> usize {
    line.iter()
        .filter(|byte| byte.is_ascii_digit())
        .fold(0, |sum: usize, byte| {
            sum.saturating_mul(10).saturating_add((byte & 0x0f).into())
        })
}

/// Something that can be written as any number of arguments, none included.
///
/// Text, bytes and numbers are one argument, `None` is none, slices, arrays, vectors and sets are their
/// elements in turn, tuples their fields, maps their keys and values. So `mset(&[("a", 1), ("b", 2)])`
/// and `mset(map)` both do what they say. A slice of `u8` is one argument: its bytes.
///
/// A `None` in a list moves what is behind it up. Where that would be told by its place, like the values of `MGET`, the
/// halves of a pair or the set from which `SDIFF` takes others, the command is not sent.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be written as arguments of a command",
    note = "text, bytes, numbers, `Option`, slices, tuples and maps can; `bool` cannot, because commands disagree on how to spell it",
    note = "an iterator can as `Each(iterator)`; for a type of your own, implement `ToArgs`"
)]
pub trait ToArgs {
    /// Appends the arguments.
    fn write_args<'a>(&'a self, args: &mut Args<'a>);

    /// Appends the arguments of several; `u8` makes it one argument of bytes.
    #[doc(hidden)]
    fn write_slice<'a>(items: &'a [Self], args: &mut Args<'a>)
    where
        Self: Sized,
    {
        for item in items {
            item.write_args(args);
        }
    }
}

/// Something that is written as exactly one argument: text, bytes or a number.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not one argument of a command",
    note = "text, bytes and numbers are; lists, tuples and maps go where a command takes many arguments",
    note = "`bool` is not, because commands disagree on how to spell it; `Option` is not, because `None` is no argument",
    note = "a type of your own is if it implements `ToArgs` and `ToArg`"
)]
pub trait ToArg: ToArgs {}

macro_rules! integers {
    ($($integer:ty),*) => {$(
        impl ToArgs for $integer {
            fn write_args<'a>(&'a self, args: &mut Args<'a>) {
                args.count_one();
                encode::integer(&mut args.encoded, *self);
            }
        }
        impl ToArg for $integer {}
    )*};
}

integers!(i8, i16, i32, i64, i128, isize, u16, u32, u64, u128, usize);

macro_rules! integers_but_zero {
    ($($integer:ty),*) => {$(
        impl ToArgs for NonZero<$integer> {
            fn write_args<'a>(&'a self, args: &mut Args<'a>) {
                args.count_one();
                encode::integer(&mut args.encoded, self.get());
            }
        }
        impl ToArg for NonZero<$integer> {}
    )*};
}

integers_but_zero!(
    i8, i16, i32, i64, i128, isize, u8, u16, u32, u64, u128, usize
);

impl ToArgs for u8 {
    fn write_args<'a>(&'a self, args: &mut Args<'a>) {
        args.push_integer((*self).into());
    }

    fn write_slice<'a>(items: &'a [u8], args: &mut Args<'a>) {
        args.push(items);
    }
}
impl ToArg for u8 {}

impl ToArgs for f64 {
    fn write_args<'a>(&'a self, args: &mut Args<'a>) {
        args.push_float(*self);
    }
}
impl ToArg for f64 {}

impl ToArgs for f32 {
    fn write_args<'a>(&'a self, args: &mut Args<'a>) {
        args.count_one();
        encode::float(&mut args.encoded, *self);
    }
}
impl ToArg for f32 {}

impl ToArgs for str {
    fn write_args<'a>(&'a self, args: &mut Args<'a>) {
        args.push(self.as_bytes());
    }
}
impl ToArg for str {}

impl ToArgs for String {
    fn write_args<'a>(&'a self, args: &mut Args<'a>) {
        args.push(self.as_bytes());
    }
}
impl ToArg for String {}

impl<T: ToArgs> ToArgs for [T] {
    fn write_args<'a>(&'a self, args: &mut Args<'a>) {
        T::write_slice(self, args);
    }
}
impl ToArg for [u8] {}

impl<T: ToArgs, const N: usize> ToArgs for [T; N] {
    fn write_args<'a>(&'a self, args: &mut Args<'a>) {
        T::write_slice(self, args);
    }
}
impl<const N: usize> ToArg for [u8; N] {}

impl<T: ToArgs> ToArgs for Vec<T> {
    fn write_args<'a>(&'a self, args: &mut Args<'a>) {
        T::write_slice(self, args);
    }
}
impl ToArg for Vec<u8> {}

impl<T: ToArgs> ToArgs for VecDeque<T> {
    fn write_args<'a>(&'a self, args: &mut Args<'a>) {
        self.iter().for_each(|item| item.write_args(args));
    }
}

impl<T: ToArgs> ToArgs for Option<T> {
    fn write_args<'a>(&'a self, args: &mut Args<'a>) {
        match self {
            Some(value) => value.write_args(args),
            None => args.lacks_one = true,
        }
    }
}

macro_rules! pointers {
    ($($pointer:ty),*) => {$(
        impl<T: ToArgs + ?Sized> ToArgs for $pointer {
            fn write_args<'a>(&'a self, args: &mut Args<'a>) {
                (**self).write_args(args);
            }
        }
        impl<T: ToArg + ?Sized> ToArg for $pointer {}
    )*};
}

pointers!(&T, &mut T, Box<T>, Rc<T>, Arc<T>);

impl<T: ToArgs + ToOwned + ?Sized> ToArgs for Cow<'_, T> {
    fn write_args<'a>(&'a self, args: &mut Args<'a>) {
        (**self).write_args(args);
    }
}
impl<T: ToArg + ToOwned + ?Sized> ToArg for Cow<'_, T> {}

impl<T: ToArgs, S: BuildHasher> ToArgs for HashSet<T, S> {
    fn write_args<'a>(&'a self, args: &mut Args<'a>) {
        self.iter().for_each(|item| item.write_args(args));
    }
}

impl<T: ToArgs> ToArgs for BTreeSet<T> {
    fn write_args<'a>(&'a self, args: &mut Args<'a>) {
        self.iter().for_each(|item| item.write_args(args));
    }
}

impl<K: ToArg, V: ToArg, S: BuildHasher> ToArgs for HashMap<K, V, S> {
    fn write_args<'a>(&'a self, args: &mut Args<'a>) {
        self.iter().for_each(|(key, value)| {
            key.write_args(args);
            value.write_args(args);
        });
    }
}

impl<K: ToArg, V: ToArg> ToArgs for BTreeMap<K, V> {
    fn write_args<'a>(&'a self, args: &mut Args<'a>) {
        self.iter().for_each(|(key, value)| {
            key.write_args(args);
            value.write_args(args);
        });
    }
}

impl ToArgs for char {
    fn write_args<'a>(&'a self, args: &mut Args<'a>) {
        args.push_copy(self.encode_utf8(&mut [0; 4]).as_bytes());
    }
}
impl ToArg for char {}

/// What an iterator yields, as any number of arguments. It is gone through anew each time that it is written, and
/// what it yields is copied.
///
/// ```
/// use redis_cmd::{Command, Each, cmd};
///
/// let users = [7, 11];
/// let keys = Each(users.iter().map(|user| format!("user:{user}")));
/// let command: Command<'_, u64> = cmd("UNLINK").several_keys(&keys);
/// assert_eq!(command.to_string(), "UNLINK user:7 user:11");
/// ```
#[derive(Clone, Debug)]
pub struct Each<I>(pub I);

impl<I: Iterator<Item: ToArgs> + Clone> ToArgs for Each<I> {
    fn write_args<'a>(&'a self, args: &mut Args<'a>) {
        for item in self.0.clone() {
            let mut written = Args::new();
            item.write_args(&mut written);
            args.append_copy(&written);
        }
    }
}

impl ToArgs for () {
    fn write_args<'a>(&'a self, _: &mut Args<'a>) {}
}

macro_rules! tuples {
    ($($($name:ident)+;)+) => {$(
        impl<$($name: ToArgs),+> ToArgs for ($($name,)+) {
            fn write_args<'a>(&'a self, args: &mut Args<'a>) {
                #[expect(non_snake_case, reason = "fields are named like their types")]
                let ($($name,)+) = self;
                $($name.write_args(args);)+
            }
        }
    )+};
}

tuples! {
    A;
    A B;
    A B C;
    A B C D;
    A B C D E;
    A B C D E F;
    A B C D E F G;
    A B C D E F G H;
    A B C D E F G H I;
    A B C D E F G H I J;
    A B C D E F G H I J K;
    A B C D E F G H I J K L;
    A B C D E F G H I J K L M;
    A B C D E F G H I J K L M N;
    A B C D E F G H I J K L M N O;
    A B C D E F G H I J K L M N O P;
}
