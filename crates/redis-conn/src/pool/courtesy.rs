//! Whether it pays to let other threads go first.

use std::{
    thread,
    time::{Duration, Instant},
};

/// Who lets others go first and is away for longer has lost its turn to threads that compute, unless so many make calls
/// that it takes longer until each had its turn.
const LONG: Duration = Duration::from_millis(1);
const LONG_PER_CALLER: Duration = Duration::from_micros(20);
/// It does not pay when so much time is lost in long turns. One part in [`FORGETTING`] of the time that passes is
/// forgotten.
const MUCH: Duration = Duration::from_millis(10);
const FORGETTING: u32 = 20;
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

    /// Whether it took longer than among so many threads that make calls.
    pub(super) fn was_long(&self, callers: usize) -> bool {
        let callers = u32::try_from(callers).unwrap_or(u32::MAX);
        let usual = LONG.max(LONG_PER_CALLER.saturating_mul(callers));
        self.ended.saturating_duration_since(self.begun) >= usual
    }
}

/// How it went of late for those who let others go first.
///
/// Among threads that make calls it takes microseconds for each of them, and spares it a system call or two. Among
/// threads that compute it takes as long as the system lets those compute, which is a hundred times as long as a call.
pub(super) struct Courtesy {
    state: State,
    /// How much time was lost of late in long turns.
    lost: Duration,
    /// When the last of those ended.
    last: Instant,
    /// How long the next pause is.
    pause: Duration,
}

enum State {
    /// Everybody lets others go first.
    Usual,
    /// Nobody does, for so long since then.
    Paused(Instant, Duration),
    /// One does, since then, to see how it goes.
    Trying(Instant),
}

impl Courtesy {
    pub(super) fn new() -> Self {
        Self {
            state: State::Usual,
            lost: Duration::ZERO,
            last: Instant::now(),
            pause: PAUSE,
        }
    }

    /// Whether whoever asks should let others go first, and then say how it [went](Self::went).
    pub(super) fn pays(&mut self) -> bool {
        match self.state {
            State::Usual => true,
            State::Paused(since, pause) if since.elapsed() >= pause => {
                self.state = State::Trying(Instant::now());
                true
            }
            State::Paused(..) | State::Trying(_) => false,
        }
    }

    /// Somebody has let others go first, among so many callers; whether that took long.
    pub(super) fn went(&mut self, turn: Turn, callers: usize) -> bool {
        let was_long = turn.was_long(callers);
        match self.state {
            State::Paused(..) => {}
            // It is none of those that began before.
            State::Trying(since) if turn.begun < since => {}
            _ if was_long => self.lose(turn),
            _ => self.state = State::Usual,
        }
        was_long
    }

    #[cold]
    fn lose(&mut self, turn: Turn) {
        // What keeps one thread away keeps others away at the same time, which counts once.
        let lost = turn
            .ended
            .saturating_duration_since(turn.begun.max(self.last));
        let passed = turn.ended.saturating_duration_since(self.last);
        let forgotten = passed.checked_div(FORGETTING).unwrap_or_default();
        self.lost = self.lost.saturating_sub(forgotten).saturating_add(lost);
        self.last = self.last.max(turn.ended);
        if passed > self.pause.saturating_mul(2) {
            self.pause = PAUSE;
        }
        if self.lost >= MUCH || matches!(self.state, State::Trying(_)) {
            self.state = State::Paused(turn.ended, self.pause);
            self.pause = self.pause.saturating_mul(2).min(LONGEST_PAUSE);
            self.lost = Duration::ZERO;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Turns that begin so many microseconds after the start, and take so many.
    struct Story {
        start: Instant,
        courtesy: Courtesy,
    }

    impl Story {
        fn new() -> Self {
            let mut courtesy = Courtesy::new();
            let start = Instant::now();
            courtesy.last = start;
            Self { start, courtesy }
        }

        fn turn(&mut self, begun: u64, length: u64) -> bool {
            let begun = self.start + Duration::from_micros(begun);
            let ended = begun + Duration::from_micros(length);
            self.courtesy.went(Turn { begun, ended }, 1)
        }

        /// How long the pause is that there is now.
        fn pause(&self) -> Option<Duration> {
            match self.courtesy.state {
                State::Paused(_, pause) => Some(pause),
                _ => None,
            }
        }

        /// How many turns of that length, one after so much time each, it takes until there is a pause.
        fn turns_until_pause(length: u64, every: u64) -> Option<u64> {
            let mut story = Self::new();
            (1..=1000).find(|number| {
                story.turn(number * every, length);
                story.pause().is_some()
            })
        }

        /// Lets the pause end, as time does, and one try.
        fn try_again(&mut self, begun: u64, length: u64) {
            assert!(!self.courtesy.pays());
            self.courtesy.state = State::Paused(self.start, Duration::ZERO);
            assert!(self.courtesy.pays());
            assert!(!self.courtesy.pays(), "one tries for all");
            // What began before is no try.
            self.turn(0, 10);
            assert!(!self.courtesy.pays());
            self.turn(begun, length);
        }
    }

    #[test]
    fn it_pays_while_little_time_is_lost() {
        assert_eq!(Story::turns_until_pause(999, 1_000), None);
        assert_eq!(Story::turns_until_pause(1_000, 20_000), None);
        assert_eq!(Story::turns_until_pause(4_000, 80_000), None);
    }

    #[test]
    fn it_does_not_pay_where_turns_are_long_however_long_they_are() {
        assert_eq!(Story::turns_until_pause(1_000, 1_000), Some(11));
        assert_eq!(Story::turns_until_pause(4_000, 4_000), Some(3));
        assert_eq!(Story::turns_until_pause(4_000, 20_000), Some(3));
        assert_eq!(Story::turns_until_pause(3_000, 40_000), Some(8));
        for length in [10_000, 17_000, 100_000] {
            assert_eq!(Story::turns_until_pause(length, length), Some(1));
        }
    }

    #[test]
    fn what_keeps_many_threads_away_at_once_counts_once() {
        let mut story = Story::new();
        for _ in 0..64 {
            assert!(story.turn(0, 2_000));
            assert!(story.turn(500, 2_000));
        }
        assert_eq!(story.pause(), None);
        assert_eq!(story.courtesy.lost.as_millis(), 2);
    }

    #[test]
    fn among_many_callers_turns_take_longer() {
        let begun = Instant::now();
        let ended = begun + 2 * LONG;
        let turn = Turn { begun, ended };
        assert!(turn.was_long(0) && turn.was_long(64) && turn.was_long(100));
        assert!(!turn.was_long(101) && !turn.was_long(1000) && !turn.was_long(usize::MAX));
    }

    #[test]
    fn one_tries_after_each_pause_which_get_longer_until_it_pays_again() {
        let mut story = Story::new();
        story.turn(0, 12_000);
        // Turns that began before the pause say nothing about it.
        assert!(!story.turn(11_000, 10));
        let mut pauses = vec![story.pause().unwrap()];
        let mut now = 12_000;
        for _ in 0..7 {
            now += pauses.last().unwrap().as_micros() as u64;
            story.try_again(now, 4_000);
            pauses.push(story.pause().unwrap());
        }
        let expected = [50, 100, 200, 400, 800, 1600, 2000, 2000];
        assert_eq!(pauses, expected.map(Duration::from_millis));
        story.try_again(now + 2_000_000, 10);
        assert!(story.courtesy.pays() && story.courtesy.pays());
        // After a long time it begins with a short pause again.
        story.turn(now + 60_000_000, 12_000);
        assert_eq!(story.pause(), Some(PAUSE));
    }
}
