//! Whether it pays to let other threads go first.

use std::{
    thread,
    time::{Duration, Instant},
};

/// Who lets others go first and is away for longer has lost its turn to threads that compute.
pub(super) const LONG: Duration = Duration::from_millis(1);
/// How many short turns make up for a long one.
const PRICE: u32 = 16;
/// How many short turns are remembered.
const MOST: u32 = 64;
/// For how long nobody lets others go first once it has not paid: twice as long each time, up to the second.
const PAUSES: (Duration, Duration) = (Duration::from_millis(50), Duration::from_secs(2));

/// Lets other threads go first; how long that took.
pub(super) fn let_others_go_first() -> Duration {
    let begun = Instant::now();
    thread::yield_now();
    begun.elapsed()
}

/// How it went for those who let others go first.
///
/// Among threads that make calls it takes microseconds, and spares each of them a system call or two. Among threads
/// that compute it takes as long as the system lets those compute, which is a hundred times as long as a call.
pub(super) struct Courtesy {
    /// How many turns were short of late, less what the long ones cost.
    credit: u32,
    /// How long the next pause is.
    pause: Duration,
    state: State,
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
            credit: MOST,
            pause: PAUSES.0,
            state: State::Usual,
        }
    }

    /// Whether whoever asks should let others go first, and say how it [went](Self::was_away).
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

    /// Somebody has let others go first, and was away for so long.
    pub(super) fn was_away(&mut self, turn: Duration) {
        if matches!(self.state, State::Paused(..)) {
            // It went before the pause.
            return;
        }
        if turn < LONG {
            self.state = State::Usual;
            self.credit = self.credit.saturating_add(1).min(MOST);
            if self.credit == MOST {
                self.pause = PAUSES.0;
            }
            return;
        }
        self.credit = self.credit.saturating_sub(PRICE);
        if self.credit == 0 {
            self.state = State::Paused(Instant::now(), self.pause);
            self.pause = self.pause.saturating_mul(2).min(PAUSES.1);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHORT: Duration = Duration::from_micros(3);

    fn courtesy_after(turns: &[Duration]) -> Courtesy {
        let mut courtesy = Courtesy::new();
        for &turn in turns {
            courtesy.was_away(turn);
        }
        courtesy
    }

    /// Ends a pause, as time does.
    fn end_pause(courtesy: &mut Courtesy) {
        assert!(matches!(courtesy.state, State::Paused(..)));
        courtesy.state = State::Paused(Instant::now(), Duration::ZERO);
    }

    #[test]
    fn it_pays_until_too_many_turns_were_long() {
        let mut now_and_then = Vec::new();
        for _ in 0..100 {
            now_and_then.push(LONG);
            now_and_then.extend([SHORT; 16]);
        }
        assert!(courtesy_after(&now_and_then).pays());
        assert!(courtesy_after(&[LONG; 3]).pays());
        assert!(!courtesy_after(&[LONG; 4]).pays());
        assert!(!courtesy_after(&[LONG, SHORT, LONG, SHORT, LONG, SHORT, LONG, LONG]).pays());
    }

    #[test]
    fn after_a_pause_one_tries_for_all() {
        let mut courtesy = courtesy_after(&[LONG; 4]);
        // Turns that began before the pause say nothing about it.
        courtesy.was_away(SHORT);
        assert!(!courtesy.pays());
        end_pause(&mut courtesy);
        assert!(courtesy.pays());
        assert!(!courtesy.pays());
        courtesy.was_away(SHORT);
        assert!(courtesy.pays() && courtesy.pays());
    }

    #[test]
    fn pauses_get_longer_while_it_does_not_pay() {
        let mut courtesy = courtesy_after(&[LONG; 4]);
        let mut pauses = Vec::new();
        for _ in 0..8 {
            pauses.push(courtesy.pause);
            end_pause(&mut courtesy);
            assert!(courtesy.pays());
            courtesy.was_away(LONG);
        }
        assert_eq!(
            pauses,
            [100, 200, 400, 800, 1600, 2000, 2000, 2000].map(Duration::from_millis)
        );
        end_pause(&mut courtesy);
        assert!(courtesy.pays());
        for _ in 0..MOST {
            courtesy.was_away(SHORT);
        }
        assert_eq!(courtesy.pause, PAUSES.0);
    }
}
