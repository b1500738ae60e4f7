//! Commands that wait: longer than the response time-out, and no longer than they were told.

use std::{
    thread,
    time::{Duration, Instant},
};

use redis::{Side, prelude::*};

use crate::ways::{server, ways};

#[test]
fn a_blocking_pop_outlives_the_response_timeout() {
    let server = server();
    for (name, builder) in ways(&server) {
        println!("over {name}");
        let client = builder.response_timeout(Duration::from_millis(300)).build();
        let patient = client.with_response_timeout(Duration::from_secs(30));
        thread::scope(|scope| {
            let popped = scope.spawn(|| client.blpop::<String, String>(["nothing", "jobs"], None));
            thread::sleep(Duration::from_millis(500));
            patient.rpush("jobs", "build").unwrap();
            assert_eq!(
                popped.join().unwrap().unwrap(),
                Some(("jobs".into(), "build".into()))
            );
        });
    }
}

#[test]
fn a_blocking_pop_ends_when_its_time_is_up() {
    let server = server();
    for (name, builder) in ways(&server) {
        println!("over {name}");
        let client = builder.response_timeout(Duration::from_secs(5)).build();
        let limit = Some(Duration::from_millis(100));
        let started = Instant::now();
        assert_eq!(
            client.blpop::<String, String>("nothing", limit).unwrap(),
            None
        );
        assert_eq!(
            client.brpop::<String, String>("nothing", limit).unwrap(),
            None
        );
        assert_eq!(
            client
                .blmove::<String>("nothing", "other", Side::Left, Side::Left, limit)
                .unwrap(),
            None
        );
        let elapsed = started.elapsed();
        assert!(elapsed >= Duration::from_millis(300), "{elapsed:?}");
        assert!(elapsed < Duration::from_secs(10), "{elapsed:?}");
    }
}
