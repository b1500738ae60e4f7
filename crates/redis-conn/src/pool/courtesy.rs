//! Whether it pays to let other threads go first.

use std::{
    thread,
    time::{Duration, Instant},
};

/// Who lets others go first and is away for longer has lost its turn to threads that compute.
const LONG: Duration = Duration::from_millis(1);
/// It does not pay when that happens so many times within [`AT_ONCE`].
const MOST: usize = 4;
const AT_ONCE: Duration = Duration::from_millis(50);
/// For how long nobody lets others go first then: twice as long each time, up to [`LONGEST_PAUSE`].
const PAUSE: Duration = Duration::from_millis(50);
const LONGEST_PAUSE: Duration = Duration::from_secs(2);

/// When somebody let other threads go first.
#[derive(Clone, Copy)]
pub(super) struct Turn {
    begun: Instant,
    ended: Instant,
}

impl Turn {
    /// Lets others go first.
    pub(super) fn pass() -> Self {
        let begun = Instant::now();
        thread::yield_now();
        let ended = Instant::now();
        Self { begun, ended }
    }

    /// Whether it took longer than among threads that make calls.
    pub(super) fn was_long(&self) -> bool {
        self.ended.saturating_duration_since(self.begun) >= LONG
    }
}

/// How it went of late for those who let others go first.
///
/// Among threads that make calls it takes microseconds, and spares each of them a system call or two. Among threads
/// that compute it takes as long as the system lets those compute, which is a hundred times as long as a call.
pub(super) struct Courtesy {
    state: State,
    /// When the last long turns ended, the last one at the end.
    long: [Option<Instant>; MOST],
    /// How long the next pause is.
    pause: Duration,
}

enum State {
    /// Everybody lets others go first.
    Usual,
    /// Nobody does, for so long since then.
    Paused(Instant, Duration),
    /// One does, to see how it goes.
    Trying,
}

impl Courtesy {
    pub(super) fn new() -> Self {
        Self {
            state: State::Usual,
            long: [None; MOST],
            pause: PAUSE,
        }
    }

    /// Whether whoever asks should let others go first, and then say how it [went](Self::went).
    pub(super) fn pays(&mut self) -> bool {
        match self.state {
            State::Usual => true,
            State::Paused(since, pause) if since.elapsed() >= pause => {
                self.state = State::Trying;
                true
            }
            State::Paused(..) | State::Trying => false,
        }
    }

    /// Somebody has let others go first.
    pub(super) fn went(&mut self, turn: Turn) {
        if matches!(self.state, State::Paused(..)) {
            // That was before.
        } else if turn.was_long() {
            self.was_long(turn);
        } else {
            self.state = State::Usual;
        }
    }

    #[cold]
    fn was_long(&mut self, turn: Turn) {
        let is_trying = matches!(self.state, State::Trying);
        let [.., last] = self.long;
        if last.is_some_and(|last| turn.begun <= last) && !is_trying {
            // What keeps one thread away keeps others away, too.
            return;
        }
        let since = |then: Option<Instant>| {
            then.map_or(Duration::MAX, |then| {
                turn.ended.saturating_duration_since(then)
            })
        };
        if since(last) > self.pause.saturating_mul(2) {
            self.pause = PAUSE;
        }
        self.long.rotate_left(1);
        let [first, .., last] = &mut self.long;
        *last = Some(turn.ended);
        let pauses = is_trying || since(*first) <= AT_ONCE;
        if pauses {
            self.state = State::Paused(turn.ended, self.pause);
            self.pause = self.pause.saturating_mul(2).min(LONGEST_PAUSE);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn milliseconds(count: u64) -> Duration {
        Duration::from_millis(count)
    }

    /// What is known after turns that began then, and were so long.
    struct Story {
        start: Instant,
        courtesy: Courtesy,
    }

    impl Story {
        fn new() -> Self {
            Self {
                start: Instant::now(),
                courtesy: Courtesy::new(),
            }
        }

        fn turn(&mut self, begun: u64, length: Duration) {
            let begun = self.start + milliseconds(begun);
            let ended = begun + length;
            self.courtesy.went(Turn { begun, ended });
        }

        /// How long the pause is that there is now.
        fn pause(&self) -> Option<Duration> {
            match self.courtesy.state {
                State::Paused(_, pause) => Some(pause),
                _ => None,
            }
        }

        /// Lets the pause end, as time does, and one try.
        fn try_again(&mut self, begun: u64, length: Duration) {
            assert!(!self.courtesy.pays());
            self.courtesy.state = State::Paused(self.start, Duration::ZERO);
            assert!(self.courtesy.pays());
            assert!(!self.courtesy.pays(), "one tries for all");
            self.turn(begun, length);
        }
    }

    #[test]
    fn it_pays_unless_several_turns_are_long_within_a_short_time() {
        let mut story = Story::new();
        for number in 0..100 {
            // Three within any 50 milliseconds.
            story.turn(number * 20, milliseconds(3));
            story.turn(number * 20 + 5, LONG / 2);
        }
        assert_eq!(story.pause(), None);
        for number in 0..3 {
            story.turn(10_000 + number * 10, LONG);
            assert!(story.courtesy.pays());
        }
        story.turn(10_030, LONG);
        assert_eq!(story.pause(), Some(PAUSE));
        assert!(!story.courtesy.pays());
    }

    #[test]
    fn what_keeps_many_threads_away_at_once_counts_once() {
        let mut story = Story::new();
        for _ in 0..64 {
            story.turn(0, milliseconds(2));
            story.turn(1, milliseconds(2));
        }
        assert_eq!(story.pause(), None);
    }

    #[test]
    fn one_tries_after_each_pause_which_get_longer_until_it_pays_again() {
        let mut story = Story::new();
        for number in 0..4 {
            story.turn(number * 5, milliseconds(4));
        }
        // Turns that began before the pause say nothing about it.
        story.turn(16, LONG / 2);
        let mut pauses = vec![story.pause().unwrap()];
        let mut now = 20;
        for _ in 0..7 {
            now += pauses.last().unwrap().as_millis() as u64;
            story.try_again(now, milliseconds(4));
            pauses.push(story.pause().unwrap());
        }
        let expected = [50, 100, 200, 400, 800, 1600, 2000, 2000];
        assert_eq!(pauses, expected.map(milliseconds));
        story.try_again(now + 2000, LONG / 2);
        assert!(story.courtesy.pays() && story.courtesy.pays());
        // After a long time it begins with a short pause again.
        for number in 0..4 {
            story.turn(now + 60_000 + number * 10, LONG);
        }
        assert_eq!(story.pause(), Some(PAUSE));
    }
}
