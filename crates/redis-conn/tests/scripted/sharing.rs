//! Calls that go out together: each gets its own reply or an honest error, and none is forgotten.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex},
    thread::{self, Scope, ScopedJoinHandle},
    time::Duration,
};

use redis_conn::{
    Connection, Connector, Error, ErrorKind, Pool, PoolConfig, PooledConnection, Request,
};

use resp_proto::ServerError;

use crate::{
    pool,
    script::{Script, Shared, Step, changed},
};

const LONG: Duration = Duration::from_secs(10);
const SHORT: Duration = Duration::from_millis(300);

/// Makes one connection after the other, each of which follows a script of its own.
#[derive(Default)]
struct Scripts {
    left: Mutex<VecDeque<Script>>,
}

impl Connector for Scripts {
    fn connect(&self) -> Result<Connection, Error> {
        let script = self.left.lock().unwrap().pop_front();
        Ok(script.unwrap_or_else(|| Script::new([])).connect())
    }
}

struct Stage {
    pool: Pool,
    /// What the test sees of the connections, in the order in which they are made.
    seen: Vec<Arc<Shared>>,
}

impl Stage {
    fn new(config: PoolConfig, scripts: impl IntoIterator<Item = Script>) -> Self {
        let left: VecDeque<Script> = scripts.into_iter().collect();
        let seen = left.iter().map(|script| Arc::clone(&script.shared));
        Self {
            seen: seen.collect(),
            pool: Pool::new(
                Scripts {
                    left: Mutex::new(left),
                },
                config,
            ),
        }
    }

    /// A single connection that answers so.
    fn answering(steps: impl IntoIterator<Item = Step>) -> Self {
        Self::new(CONFIG, [Script::new(steps)])
    }

    /// Starts a call that finds no connection, and waits until it is in the queue.
    fn begin<'s>(
        &'s self,
        scope: &'s Scope<'s, '_>,
        word: &'static str,
        limit: Duration,
    ) -> ScopedJoinHandle<'s, Result<i64, Error>> {
        let before = self.pool.stats().waiting;
        let handle = scope.spawn(move || self.call(word, limit));
        while self.pool.stats().waiting == before {
            thread::yield_now();
        }
        handle
    }

    fn call(&self, word: &str, limit: Duration) -> Result<i64, Error> {
        let request = request(word);
        let mut number = None;
        self.pool
            .call(Request::new(request.as_bytes()), limit, &mut |reply| {
                if let Some(line) = reply.error() {
                    return Err(ServerError::from_line(line).into());
                }
                number = Some(reply.decode()?);
                Ok(())
            })?;
        Ok(number.unwrap())
    }

    fn written(&self) -> String {
        String::from_utf8(self.seen[0].written.lock().unwrap().clone()).unwrap()
    }
}

const CONFIG: PoolConfig = {
    let mut config = pool::CONFIG;
    config.sharing = true;
    config
};

fn request(word: &str) -> String {
    format!("*1\r\n${}\r\n{word}\r\n", word.len())
}

fn replies(text: &str) -> Step {
    Step::Bytes(text.as_bytes().to_vec())
}

#[test]
fn calls_that_wait_go_out_at_once_and_get_their_replies_in_order() {
    let stage = Stage::answering([replies(":1\r\n:2\r\n-ERR third\r\n+fourth\r\n")]);
    thread::scope(|scope| {
        let taken = stage.pool.checkout().unwrap();
        let calls = ["a", "bb", "ccc", "dddd"].map(|word| stage.begin(scope, word, LONG));
        drop(taken);
        let [first, second, third, fourth] = calls.map(|call| call.join().unwrap());
        assert_eq!(first.unwrap(), 1);
        assert_eq!(second.unwrap(), 2);
        let third = third.unwrap_err();
        assert_eq!(third.to_string(), "ERR third");
        assert!(!third.maybe_executed());
        assert_eq!(fourth.unwrap_err().kind(), ErrorKind::Decode);
    });
    assert_eq!(
        stage.written(),
        ["a", "bb", "ccc", "dddd"].map(request).concat()
    );
    assert_eq!(stage.pool.stats().idle, 1);
}

/// Which is then read into memory of its own.
#[test]
fn a_call_may_be_answered_with_a_large_text_like_any_other() {
    let text = "0".repeat(3_000_000) + "42";
    let large = format!("${}\r\n{text}\r\n", text.len());
    let stage = Stage::answering([replies(&format!("{large}{large}:7\r\n"))]);
    thread::scope(|scope| {
        let taken = stage.pool.checkout().unwrap();
        let calls = ["a", "b", "c"].map(|word| stage.begin(scope, word, LONG));
        drop(taken);
        let answers = calls.map(|call| call.join().unwrap().unwrap());
        assert_eq!(answers, [42, 42, 7]);
    });
    assert_eq!(stage.pool.stats().idle, 1);
}

#[test]
fn who_needs_a_connection_for_itself_gets_one_in_its_turn() {
    let stage = Stage::answering([replies(":1\r\n:2\r\n")]);
    thread::scope(|scope| {
        let taken = stage.pool.checkout().unwrap();
        let first = stage.begin(scope, "a", LONG);
        let alone = scope.spawn(|| {
            let connection = stage.pool.checkout().unwrap();
            (stage.written(), connection)
        });
        while stage.pool.stats().waiting < 2 {
            thread::yield_now();
        }
        let second = stage.begin(scope, "b", LONG);
        drop(taken);
        let (written, _connection): (String, PooledConnection) = alone.join().unwrap();
        assert_eq!(written, ["a", "b"].map(request).concat());
        assert_eq!(first.join().unwrap().unwrap(), 1);
        assert_eq!(second.join().unwrap().unwrap(), 2);
    });
}

#[test]
fn nothing_goes_out_together_if_that_is_not_wanted_or_the_request_is_long() {
    let long: &'static str = "x".repeat(20_000).leak();
    for (sharing, second_word) in [(false, "b"), (true, long)] {
        let config = changed(CONFIG, |config| config.sharing = sharing);
        // The replies come one at a time: one that nobody has asked for closes the connection.
        let script = Script::new([replies(":1\r\n"), replies(":2\r\n")]);
        let stage = Stage::new(config, [script]);
        thread::scope(|scope| {
            let taken = stage.pool.checkout().unwrap();
            let first = stage.begin(scope, "a", LONG);
            let second = stage.begin(scope, second_word, LONG);
            drop(taken);
            assert_eq!(first.join().unwrap().unwrap(), 1);
            assert_eq!(second.join().unwrap().unwrap(), 2);
        });
    }
}

#[test]
fn a_missed_deadline_fails_all_that_have_no_reply() {
    let stage = Stage::answering([replies(":1\r\n"), Step::Stall]);
    thread::scope(|scope| {
        let taken = stage.pool.checkout().unwrap();
        let calls = ["a", "b", "c"].map(|word| stage.begin(scope, word, SHORT));
        drop(taken);
        let [first, second, third] = calls.map(|call| call.join().unwrap());
        assert_eq!(first.unwrap(), 1);
        for error in [second.unwrap_err(), third.unwrap_err()] {
            assert_eq!(error.kind(), ErrorKind::Timeout);
            assert!(error.maybe_executed());
        }
    });
    assert_eq!(stage.pool.stats().idle, 0);
}

/// So nobody's deadline is another's.
#[test]
fn only_calls_that_may_take_as_long_go_out_together() {
    let stage = Stage::answering([replies(":1\r\n:3\r\n"), replies(":2\r\n")]);
    thread::scope(|scope| {
        let taken = stage.pool.checkout().unwrap();
        let first = stage.begin(scope, "a", LONG);
        let other = stage.begin(scope, "b", 2 * LONG);
        let third = stage.begin(scope, "c", LONG);
        drop(taken);
        assert_eq!(first.join().unwrap().unwrap(), 1);
        assert_eq!(other.join().unwrap().unwrap(), 2);
        assert_eq!(third.join().unwrap().unwrap(), 3);
    });
    assert_eq!(stage.written(), ["a", "c", "b"].map(request).concat());
}

#[test]
fn a_reply_that_cannot_be_read_is_the_error_of_whose_it_was() {
    let stage = Stage::answering([replies(":1\r\n:two\r\n:3\r\n")]);
    thread::scope(|scope| {
        let taken = stage.pool.checkout().unwrap();
        let calls = ["a", "b", "c"].map(|word| stage.begin(scope, word, LONG));
        drop(taken);
        let [first, second, third] = calls.map(|call| call.join().unwrap());
        assert_eq!(first.unwrap(), 1);
        assert_eq!(second.unwrap_err().kind(), ErrorKind::Protocol);
        let third = third.unwrap_err();
        assert_eq!(third.kind(), ErrorKind::Connection);
        assert!(third.maybe_executed() && third.is_retryable());
        assert!(third.to_string().contains("another call"), "{third}");
    });
    assert_eq!(stage.pool.stats().in_use, 0);
}

#[test]
fn a_panic_of_who_makes_the_calls_is_an_error_to_the_others() {
    let stage = Stage::answering([replies(":1\r\n"), Step::Panic]);
    thread::scope(|scope| {
        let taken = stage.pool.checkout().unwrap();
        let calls = ["a", "b", "c"].map(|word| stage.begin(scope, word, LONG));
        drop(taken);
        let [first, second, third] = calls.map(ScopedJoinHandle::join);
        assert!(first.is_err(), "it has panicked");
        for result in [second, third] {
            let error = result.unwrap().unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Connection);
            assert!(error.maybe_executed());
        }
    });
    assert_eq!(stage.pool.stats().in_use, 0);
}

#[test]
fn who_makes_the_calls_fails_with_them() {
    let stage = Stage::answering([Step::Reset]);
    thread::scope(|scope| {
        let taken = stage.pool.checkout().unwrap();
        let calls = ["a", "b", "c"].map(|word| stage.begin(scope, word, LONG));
        drop(taken);
        for call in calls {
            let error = call.join().unwrap().unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Connection);
            assert!(error.maybe_executed());
        }
    });
}

#[test]
fn what_came_before_the_connection_broke_is_handed_out() {
    let stage = Stage::answering([replies(":1\r\n:2\r\n:"), Step::Reset]);
    thread::scope(|scope| {
        let taken = stage.pool.checkout().unwrap();
        let calls = ["a", "b", "c"].map(|word| stage.begin(scope, word, LONG));
        drop(taken);
        let [first, second, third] = calls.map(|call| call.join().unwrap());
        assert_eq!(first.unwrap(), 1);
        assert_eq!(second.unwrap(), 2);
        assert!(third.unwrap_err().maybe_executed());
    });
}

#[test]
fn what_could_not_be_sent_was_not_executed() {
    let script = Script {
        write_limit: Some(0),
        ..Script::new([])
    };
    let stage = Stage::new(CONFIG, [script]);
    thread::scope(|scope| {
        let taken = stage.pool.checkout().unwrap();
        let calls = ["a", "b"].map(|word| stage.begin(scope, word, LONG));
        drop(taken);
        for call in calls {
            let error = call.join().unwrap().unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Connection);
            assert!(!error.maybe_executed() && error.is_retryable());
        }
    });
}

#[test]
fn a_call_that_is_being_made_is_waited_for() {
    let config = changed(CONFIG, |config| config.wait_timeout = SHORT);
    let stage = Stage::new(
        config,
        [Script::new([Step::Silence(600), replies(":1\r\n:2\r\n")])],
    );
    thread::scope(|scope| {
        let taken = stage.pool.checkout().unwrap();
        let first = stage.begin(scope, "a", LONG);
        let second = stage.begin(scope, "b", LONG);
        drop(taken);
        assert_eq!(first.join().unwrap().unwrap(), 1);
        assert_eq!(second.join().unwrap().unwrap(), 2);
    });
}

#[test]
fn who_waits_in_vain_is_told_so_and_its_call_is_never_made() {
    let config = changed(CONFIG, |config| config.wait_timeout = SHORT);
    let stage = Stage::new(config, [Script::new([])]);
    let taken = stage.pool.checkout().unwrap();
    let error = stage.call("a", LONG).unwrap_err();
    assert!(error.is_timeout() && !error.maybe_executed());
    assert!(
        error.to_string().starts_with("no free connection"),
        "{error}"
    );
    drop(taken);
    assert_eq!(stage.written(), "");
    assert_eq!(stage.pool.stats().waiting, 0);
}

#[test]
fn a_call_does_not_wait_for_those_that_are_stuck() {
    let config = changed(CONFIG, |config| config.max_size = 2);
    let stuck = Script::new([Step::Silence(2000), replies(":1\r\n")]);
    let stage = Stage::new(config, [stuck, Script::new([replies(":2\r\n")])]);
    thread::scope(|scope| {
        let stuck = scope.spawn(|| stage.call("a", LONG));
        while stage.seen[0].written.lock().unwrap().is_empty() {
            thread::yield_now();
        }
        // The first connection would have nothing more to say.
        assert_eq!(stage.call("b", LONG).unwrap(), 2);
        assert!(!stuck.is_finished());
        assert_eq!(stuck.join().unwrap().unwrap(), 1);
    });
}
