//! What servers that misbehave can make a client allocate.

use std::time::{Duration, Instant};

use redis::{Client, Protocol, prelude::*};
use redis_testkit::{Hostile, ScriptedServer};

use crate::peak::{alone, peak};

/// What a call may allocate, whatever it is answered, the server of the test included.
const MOST: usize = 1 << 20;
const LIMIT: Duration = Duration::from_millis(300);
/// What a call may take on top of its deadline when every core is busy.
const SLACK: Duration = Duration::from_secs(5);

#[test]
fn no_hostile_server_makes_a_client_allocate_a_mebibyte_or_wait_beyond_its_deadline() {
    let _alone = alone();
    for protocol in [Protocol::Resp2, Protocol::Resp3] {
        for hostile in Hostile::ALL {
            let server = ScriptedServer::start(hostile.script()).unwrap();
            let client = Client::builder()
                .tcp("127.0.0.1", server.tcp_addr().port())
                .protocol(protocol)
                .connect_timeout(LIMIT)
                .response_timeout(LIMIT)
                .retries(0)
                .build();
            let begun = Instant::now();
            let (result, most, _) = peak(|| client.get::<Vec<Option<String>>>("k"));
            let took = begun.elapsed();
            println!("{hostile:?}, {protocol:?}: {most} bytes, {took:.1?}");
            assert!(result.is_err(), "{hostile:?}: {result:?}");
            assert!(most < MOST, "{hostile:?}: {most} bytes");
            assert!(took < LIMIT * 2 + SLACK, "{hostile:?}: {took:?}");
        }
    }
}
