//! Batches: what comes back is in the type.

use redis::{Execute, ServerError, cmd, prelude::*};

use crate::ways::on_every_way;

#[test]
fn reply_types_add_up() {
    on_every_way(|client| {
        for transaction in [true, false] {
            client.flushall().unwrap();
            let batch = client.batch().transaction(transaction);
            let (ok, baz, n) = batch
                .set("foo", "bar")
                .get::<String>("bing")
                .incr("n")
                .execute()
                .unwrap();
            assert_eq!((ok, baz, n), ((), None, 1));
        }
    });
}

#[test]
fn sixteen_commands_fit() {
    on_every_way(|client| {
        let four = client.batch().incr("n").incr("n").incr("n").incr("n");
        let twelve = four
            .incr("n")
            .incr("n")
            .incr("n")
            .incr("n")
            .incr("n")
            .incr("n")
            .incr("n")
            .incr("n");
        let all = twelve.incr("n").incr("n").incr("n").get::<String>("n");
        let replies = all.execute().unwrap();
        assert_eq!(
            (replies.0, replies.14, replies.15.as_deref()),
            (1, 15, Some("15"))
        );
        client.del("n").unwrap();
    });
}

#[test]
fn a_family_of_ones_own_works_on_client_pipeline_and_batch() {
    trait ObjectCommands: Execute {
        fn encoding_of(self, key: &str) -> Self::Output<Option<String>> {
            self.execute(cmd("OBJECT ENCODING").read_only().key(key))
        }
    }
    impl<E: Execute> ObjectCommands for E {}

    on_every_way(|client| {
        client.set("n", 1).unwrap();
        assert_eq!(client.encoding_of("n").unwrap().as_deref(), Some("int"));
        let (encoding,): (String,) = client.pipeline().encoding_of("n").execute().unwrap();
        assert_eq!(encoding, "int");
        let (encoding, n) = client.batch().encoding_of("n").incr("n").execute().unwrap();
        assert_eq!((encoding.as_deref(), n), (Some("int"), 2));
    });
}

#[test]
fn an_error_names_its_command() {
    on_every_way(|client| {
        client.set("a", 1).unwrap();
        let error = client
            .batch()
            .incr("a")
            .lpush("a", "x")
            .execute()
            .unwrap_err();
        assert!(
            error
                .to_string()
                .starts_with("command 2 (LPUSH a x) of the pipeline: WRONGTYPE"),
            "{error}"
        );
    });
}

#[test]
fn an_error_can_have_a_place_in_the_type_of_a_batch() {
    on_every_way(|client| {
        client.set("text", "x").unwrap();
        let incr = |key| cmd::<Result<i64, ServerError>>("INCR").key(key);
        let replies = client.batch().raise_on_error(false).set("k", 1);
        let replies = replies.command(incr("text")).command(incr("k"));
        let ((), refused, two) = replies.execute().unwrap();
        assert!(refused.unwrap_err().line().contains("not an integer"));
        assert_eq!(two.unwrap(), 2);
        // Where the type has no place for it, it is the error of the batch.
        let batch = client.batch().raise_on_error(false).incr("text").incr("k");
        let error = batch.execute().unwrap_err();
        assert!(
            error.to_string().contains("command 1 (INCR text)"),
            "{error}"
        );
    });
}
