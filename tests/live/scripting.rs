//! Script objects and function libraries: their code comes to the server when it lacks it, and only then.

use std::{thread, time::Duration};

use redis::{
    ClientFilter, Deadline, Error, ErrorKind, FunctionLibrary, Need, Request, Script,
    ServerErrorKind, Value, cmd, prelude::*,
};

use crate::ways::{client, on_every_way, server, server_with};

/// The script of redis-py's documentation.
const MULTIPLY: &str = "
    local value = redis.call('GET', KEYS[1])
    value = tonumber(value)
    return value * ARGV[1]";

#[test]
fn the_multiply_script_of_the_documentation() {
    let other = server();
    let other = client(&other);
    on_every_way(|client| {
        let multiply = client.register_script(MULTIPLY);
        client.set("foo", 2).unwrap();
        assert_eq!(client.run_script::<i64>(&multiply, "foo", 5).unwrap(), 10);

        // With another client.
        other.script_flush().unwrap();
        other.set("foo", 3).unwrap();
        assert_eq!(
            other.run_script::<i64>(&multiply, ["foo"], [5]).unwrap(),
            15
        );

        // In a pipeline.
        let mut pipeline = client.pipeline();
        pipeline
            .set("foo", 5)
            .run_script::<i64>(&multiply, ["foo"], [5]);
        assert_eq!(pipeline.execute::<((), i64)>().unwrap(), ((), 25));
    });
}

#[test]
fn a_script_is_known_by_its_digest_from_the_first_call_on() {
    on_every_way(|client| {
        let multiply = Script::new(MULTIPLY);
        let knows = || client.script_exists(multiply.sha1()).unwrap() == [true];
        client.set("a", 2).unwrap();
        // On every further way, the server knows it from the one before.
        client.script_flush().unwrap();
        for _ in 0..3 {
            assert!(!knows());
            assert_eq!(client.run_script::<i64>(&multiply, "a", 3).unwrap(), 6);
            assert!(knows());
            client.config_resetstat().unwrap();
            assert_eq!(client.run_script::<i64>(&multiply, "a", 3).unwrap(), 6);
            let stats = client.info("commandstats").unwrap();
            assert!(stats.get("cmdstat_evalsha").is_some());
            assert_eq!(stats.get("cmdstat_eval"), None, "sent its text again");
            client.script_flush().unwrap();
        }
    });
}

#[test]
fn a_digest_is_what_the_server_says_for_texts_of_every_length() {
    let server = server();
    let client = client(&server);
    let texts: Vec<String> = (0..300)
        .map(|length| format!("--{}", "é".repeat(length % 2) + &"x".repeat(length)))
        .collect();
    let mut pipeline = client.pipeline();
    for text in &texts {
        pipeline.script_load(text);
    }
    let digests: Vec<String> = pipeline.transaction(false).execute().unwrap();
    for (text, digest) in texts.into_iter().zip(digests) {
        let length = text.len();
        assert_eq!(Script::new(text).sha1(), digest, "{length} bytes");
    }
}

#[test]
fn in_pipelines_and_batches_a_script_is_there_even_after_a_flush() {
    on_every_way(|client| {
        let multiply = client.register_script(MULTIPLY);
        client.script_flush().unwrap();
        let mut pipeline = client.pipeline();
        for transaction in [true, false] {
            for _ in 0..2 {
                pipeline.transaction(transaction);
                pipeline
                    .set("a", 2)
                    .get::<String>("a")
                    .run_script::<i64>(&multiply, "a", 3)
                    .run_script::<i64>(&multiply, "a", 4);
                assert_eq!(client.script_exists(multiply.sha1()).unwrap(), [false]);
                type Replies = ((), String, i64, i64);
                let replies: Replies = pipeline.execute().unwrap();
                assert_eq!(replies, ((), "2".into(), 6, 8));
                assert_eq!(client.script_exists(multiply.sha1()).unwrap(), [true]);
                client.script_flush().unwrap();
            }
            let batch = client.batch().transaction(transaction).set("a", 2);
            let batch = batch.run_script::<i64>(&multiply, "a", 3);
            assert_eq!(batch.incr("a").execute().unwrap(), ((), 6, 3));
            client.script_flush().unwrap();
        }
    });
}

#[test]
fn binary_arguments_reach_a_script_and_its_failure_is_the_servers_error() {
    on_every_way(|client| {
        let hello = Script::new(
            "local message = cmsgpack.unpack(ARGV[1])
             local name = message['name']
             return 'hello ' .. name",
        );
        let broken = Script::new(
            "local message = cmsgpack.unpack(ARGV[1])
             local names = message['name']
             return 'hello ' .. name",
        );
        let joe = b"\x81\xa4name\xa3Joe";
        let mut pipeline = client.pipeline();
        pipeline.run_script::<String>(&hello, (), joe);
        assert_eq!(pipeline.execute::<(String,)>().unwrap().0, "hello Joe");

        pipeline.run_script::<String>(&broken, (), joe);
        let in_pipeline = pipeline.execute::<()>().unwrap_err();
        let alone = client.run_script::<String>(&broken, (), joe).unwrap_err();
        for error in [in_pipeline, alone] {
            assert!(matches!(error.kind(), ErrorKind::Server(_)), "{error}");
            assert!(error.to_string().contains("user_script:3"), "{error}");
        }
    });
}

#[test]
fn what_a_script_returns_has_the_type_that_is_asked_for() {
    on_every_way(|client| {
        let script = Script::new("return {ARGV[1], #KEYS, false, {ok = 'fine'}}");
        type Reply = (String, usize, Option<String>, String);
        let reply: Reply = client.run_script(&script, ["k", "l"], "ä").unwrap();
        assert_eq!(reply, ("ä".into(), 2, None, "fine".into()));
        let all: Value = client.run_script(&script, (), "x").unwrap();
        let expected = [
            Value::Bulk(b"x".into()),
            Value::Integer(0),
            Value::Null,
            Value::Simple("fine".into()),
        ];
        assert_eq!(all, Value::Array(expected.into()));
        let error = client.run_script::<i64>(&script, (), "x").unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Decode);
    });
}

#[test]
fn a_script_that_answers_noscript_itself_runs_once() {
    on_every_way(|client| {
        let script = Script::new(
            "redis.call('INCR', KEYS[1])
             return redis.error_reply('NOSCRIPT is what this script says')",
        );
        client.script_load(script.text()).unwrap();
        let error = client.run_script::<()>(&script, "runs", ()).unwrap_err();
        assert_eq!(
            error.kind(),
            ErrorKind::Server(ServerErrorKind::NoScript),
            "{error}"
        );
        assert_eq!(client.get::<i64>("runs").unwrap(), Some(1));
    });
}

#[test]
fn a_program_that_answers_what_passes_by_itself_runs_once() {
    const TEXT: &str = "redis.call('INCR', KEYS[1]) return redis.error_reply(ARGV[1])";
    const FUNCTIONS: &str = "#!lua name=failing
        redis.register_function('fail', function(keys, args)
            redis.call('INCR', keys[1])
            return redis.error_reply(args[1])
        end)";
    let script = Script::new(TEXT);
    let library = FunctionLibrary::new(FUNCTIONS).unwrap();
    on_every_way(|client| {
        library.replace(client).unwrap();
        client.script_load(TEXT).unwrap();
        for line in [
            "BUSY come back",
            "TRYAGAIN later",
            "LOADING my data",
            "MASTERDOWN for now",
            "CLUSTERDOWN as well",
        ] {
            let once = |call: &dyn Fn() -> Result<Value, Error>, what: &str| {
                client.del("runs").unwrap();
                let error = call().unwrap_err();
                assert!(error.to_string().contains(line), "{what}: {error}");
                assert!(error.is_retryable() && error.maybe_executed(), "{what}");
                let runs: Option<i64> = client.get("runs").unwrap();
                assert_eq!(runs, Some(1), "{what}: {line}");
            };
            once(&|| client.eval(TEXT, "runs", line), "EVAL");
            once(&|| client.evalsha(script.sha1(), "runs", line), "EVALSHA");
            once(&|| client.run_script(&script, "runs", line), "a script");
            once(&|| client.fcall("fail", "runs", line), "FCALL");
            once(
                &|| client.call_function(&library, "fail", "runs", line),
                "a function",
            );
            once(
                &|| client.execute_command(("eval", TEXT, 1, "runs", line)),
                "plain arguments",
            );
            once(
                &|| client.watch("k")?.eval(TEXT, "runs", line),
                "while watching",
            );
            once(
                &|| {
                    let mut pipeline = client.pipeline();
                    pipeline.transaction(false);
                    let replies = pipeline.eval::<Value>(TEXT, "runs", line).execute();
                    replies.map(|(reply,)| reply)
                },
                "a pipeline",
            );
        }
    });
}

#[test]
fn an_error_in_the_midst_of_what_a_program_answers_is_no_reason_to_run_it_again() {
    const TEXT: &str = "return {redis.call('INCR', KEYS[1]), redis.error_reply(ARGV[1])}";
    let script = Script::new(TEXT);
    on_every_way(|client| {
        for line in [
            "BUSY later",
            "TRYAGAIN later",
            "LOADING my data",
            "READONLY here",
        ] {
            client.del("runs").unwrap();
            let reply = client.run_script::<(i64, i64)>(&script, "runs", line);
            let error = reply.unwrap_err();
            assert_eq!(error.line(), Some(line));
            assert!(error.maybe_executed(), "{error}");
            let runs: Option<i64> = client.get("runs").unwrap();
            assert_eq!(runs, Some(1), "{line}");

            let eval = cmd::<()>("EVAL").arg(TEXT).arg(&1).key("runs").arg(line);
            let mut lent = client
                .checkout()
                .lend(&Need::of(&eval), &mut |_, _| Ok(()))
                .unwrap();
            let within = Deadline::within(Duration::from_secs(10));
            let reply = lent.call::<(i64, i64)>(Request::new(eval.encoded()), within);
            assert!(reply.unwrap_err().maybe_executed(), "{line}");
        }
    });
}

#[test]
fn a_script_that_only_reads_cannot_write_and_runs_on_a_replica() {
    let primary = server();
    let replica = server_with(|builder| builder.replica_of(&primary));
    client(&primary).set("n", 20).unwrap();
    let limit = Duration::from_secs(20);
    replica.wait_until_in_sync(&primary, limit).unwrap();
    let (primary, replica) = (client(&primary), client(&replica));

    let read = Script::new("return redis.call('GET', KEYS[1])").read_only();
    let write = Script::new("return redis.call('SET', KEYS[1], 'x')");
    for client in [&primary, &replica] {
        assert_eq!(client.run_script::<i64>(&read, "n", ()).unwrap(), 20);
        let refused = client.run_script::<()>(&write.clone().read_only(), "n", ());
        let error = refused.unwrap_err().to_string();
        assert!(
            error.contains("Write commands are not allowed from read-only scripts"),
            "{error}"
        );
    }
    assert_eq!(
        primary
            .batch()
            .run_script::<i64>(&read, "n", ())
            .execute()
            .unwrap(),
        (20,)
    );
    primary.run_script::<()>(&write, "n", ()).unwrap();
}

#[test]
fn a_script_that_only_reads_is_run_again_when_its_connection_was_lost() {
    on_every_way(|client| {
        let read = Script::new("return redis.call('GET', KEYS[1])").read_only();
        client.set("n", 20).unwrap();
        for round in 0..5 {
            client.script_flush().unwrap();
            let everybody = ClientFilter::new().skip_me(false);
            assert!(client.client_kill(everybody).unwrap() > 0);
            assert_eq!(
                client.run_script::<i64>(&read, "n", ()).unwrap(),
                20,
                "{round}"
            );
        }
    });
}

#[test]
fn threads_share_a_script_while_the_server_forgets_it_again_and_again() {
    let server = server();
    let client = client(&server);
    let count = Script::new("return redis.call('INCR', KEYS[1])");
    thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                for round in 0..100 {
                    if round % 10 == 0 {
                        client.script_flush().unwrap();
                    }
                    client.run_script::<i64>(&count, "n", ()).unwrap();
                }
            });
        }
    });
    assert_eq!(client.get::<i64>("n").unwrap(), Some(800));
}

const LIBRARY: &str = "#!lua name=mylib
    redis.register_function('put', function(keys, args) return redis.call('SET', keys[1], args[1]) end)
    redis.register_function{
        function_name = 'look',
        callback = function(keys) return redis.call('GET', keys[1]) end,
        flags = {'no-writes'}
    }";

#[test]
fn a_missing_function_brings_its_library() {
    on_every_way(|client| {
        let library = client.register_library(LIBRARY).unwrap();
        assert_eq!(library.name(), "mylib");
        for _ in 0..2 {
            client.function_flush().unwrap();
            let put = client.call_function::<String>(&library, "put", "k", "v");
            assert_eq!(put.unwrap(), "OK");
            assert_eq!(client.function_list_named("mylib").unwrap().len(), 1);
            let look = client.call_function_ro::<Option<String>>(&library, "look", "k", ());
            assert_eq!(look.unwrap().as_deref(), Some("v"));
            client.function_flush().unwrap();
            let look = client.call_function_ro::<Option<String>>(&library, "look", "nope", ());
            assert_eq!(look.unwrap(), None);
        }
        // Pipelines see too late that something is missing, and libraries stay.
        let replies = client
            .batch()
            .fcall::<String>("put", "k", "w")
            .get::<String>("k");
        assert_eq!(replies.execute().unwrap(), ("OK".into(), Some("w".into())));

        let error = client
            .call_function_ro::<()>(&library, "put", "k", "v")
            .unwrap_err();
        assert!(error.to_string().contains("with write flag"), "{error}");
    });
}

#[test]
fn a_library_is_loaded_replaced_and_removed() {
    on_every_way(|client| {
        client.function_flush().unwrap();
        let old = FunctionLibrary::new(
            "#!lua name=mylib\nredis.register_function('old', function() return 1 end)",
        )
        .unwrap();
        let new = FunctionLibrary::new(LIBRARY).unwrap();
        assert_eq!(old.load(client).unwrap(), "mylib");
        let exists = "Library 'mylib' already exists";
        assert!(old.load(client).unwrap_err().to_string().contains(exists));

        // Another version of the library is not replaced behind somebody's back.
        let error = client
            .call_function::<()>(&new, "put", "k", "v")
            .unwrap_err();
        let shown = error.to_string();
        assert!(
            shown.starts_with("loading the library mylib: ") && shown.contains(exists),
            "{shown}"
        );
        assert_eq!(client.call_function::<i64>(&old, "old", (), ()).unwrap(), 1);

        assert_eq!(new.replace(client).unwrap(), "mylib");
        client.call_function::<()>(&new, "put", "k", "v").unwrap();
        let error = client
            .call_function::<()>(&new, "nope", "k", "v")
            .unwrap_err();
        assert!(error.to_string().contains("already exists"), "{error}");

        // In a pipeline, too.
        let (deleted, name) = old.load(new.delete(client.batch())).execute().unwrap();
        assert_eq!((deleted, name.as_str()), ((), "mylib"));
        old.delete(client).unwrap();
        assert!(old.delete(client).is_err());
        let error = client
            .call_function::<()>(&old, "nope", (), ())
            .unwrap_err();
        assert_eq!(error.to_string(), "ERR Function not found");
    });
}
