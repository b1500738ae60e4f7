//! A primary with replicas and Sentinels.

use std::time::Duration;

use redis_testkit::SentinelSet;

/// A vote that is split is taken again after twice the time for a failover.
const LIMIT: Duration = Duration::from_secs(60);

#[test]
fn a_killed_primary_is_replaced_and_can_be_started_again() {
    let set = SentinelSet::start().unwrap();
    assert_eq!((set.servers().len(), set.sentinels().len()), (3, 3));
    let old = set.primary().unwrap();
    assert_eq!(old.port(), set.servers()[0].port());
    old.kill().unwrap();
    let new = set.wait_for_another_primary(old, LIMIT).unwrap();
    assert_ne!(new.port(), old.port());
    old.restart().unwrap();
    assert_eq!(set.primary().unwrap().port(), new.port());
}

#[test]
fn a_primary_is_demoted_on_demand() {
    let set = SentinelSet::builder()
        .replicas(1)
        .password("s3cret \"word")
        .sentinel_password("an \"other")
        .start()
        .unwrap();
    let old = set.primary().unwrap();
    set.fail_over().unwrap();
    let new = set.wait_for_another_primary(old, LIMIT).unwrap();
    let other = &set.servers()[1];
    assert_eq!(new.port(), other.port());
}

#[test]
fn debug_shows_no_password() {
    let builder = SentinelSet::builder()
        .password("s3cret")
        .sentinel_password("s3cret");
    assert!(!format!("{builder:?}").contains("s3cret"));
}
