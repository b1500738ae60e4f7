//! Prints the tour like a session at a prompt.

use std::{
    fmt::Debug,
    io::IsTerminal,
    sync::atomic::{AtomicUsize, Ordering},
};

/// Shows a line, runs it and shows what came back, which is also its value.
macro_rules! show {
    (let $name:ident: $type:ty = $call:expr) => {
        $crate::transcript::line(&format!(
            "let {}: {} = {};",
            stringify!($name),
            stringify!($type),
            stringify!($call)
        ));
        let $name: $type = $call;
        $crate::transcript::answer(&$name);
    };
    (let $name:ident = $call:expr) => {
        $crate::transcript::line(&format!(
            "let {} = {};",
            stringify!($name),
            stringify!($call)
        ));
        let $name = $call;
        $crate::transcript::answer(&$name);
    };
    ($call:expr) => {{
        $crate::transcript::line(&format!("{};", stringify!($call)));
        let answer = $call;
        $crate::transcript::answer(&answer);
        answer
    }};
}
pub(crate) use show;

static LINES: AtomicUsize = AtomicUsize::new(0);

/// How many lines were typed so far.
pub(crate) fn lines() -> usize {
    LINES.load(Ordering::Relaxed)
}

pub(crate) fn part(title: &str) {
    println!("\n{}", styled("1", &format!("=== {title} ===")));
}

pub(crate) fn chapter(title: &str) {
    println!("\n{}", styled("1", &format!("--- {title} ---")));
}

/// What the reader should know about what follows.
pub(crate) fn note(text: &str) {
    println!("{}", styled("2", &format!("// {text}")));
}

/// A line that was typed.
pub(crate) fn line(code: &str) {
    LINES.fetch_add(1, Ordering::Relaxed);
    let mut lines = code.lines();
    println!("{} {}", styled("36", ">"), lines.next().unwrap_or_default());
    for more in lines {
        println!("{} {more}", styled("36", "."));
    }
}

/// What came back; nothing is said about `()`.
pub(crate) fn answer(value: &impl Debug) {
    let shown = format!("{value:?}");
    if shown != "()" {
        println!("  {}", styled("32", &shown));
    }
}

/// An error that came back, in its own words.
pub(crate) fn failed(error: &redis::Error) {
    println!("  {}", styled("31", &format!("error: {error}")));
}

/// Colour only where somebody looks who has not said <https://no-color.org>.
fn styled(style: &str, text: &str) -> String {
    let unwanted = std::env::var_os("NO_COLOR").is_some_and(|said| !said.is_empty());
    if std::io::stdout().is_terminal() && !unwanted {
        format!("\x1b[{style}m{text}\x1b[0m")
    } else {
        text.into()
    }
}
