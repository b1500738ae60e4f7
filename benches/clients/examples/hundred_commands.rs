//! A hundred commands: a program that is built to see what they cost, and never run.

use std::collections::{HashMap, HashSet};

use redis::prelude::*;

fn main() -> Result<(), redis::Error> {
    let client = Client::open("redis://localhost")?;
    strings(&client)?;
    keys(&client)?;
    hashes(&client)?;
    lists(&client)?;
    sets(&client)?;
    sorted_sets(&client)?;
    others(&client)
}

fn strings(client: &Client) -> Result<(), redis::Error> {
    client.set("key", "value")?;
    let value: Option<String> = client.get("key")?;
    println!("{value:?}");
    client.append("key", "more")?;
    client.decr("number")?;
    client.decrby("number", 2)?;
    client.getdel::<String>("key")?;
    client.getrange::<String>("key", 0, 2)?;
    client.getset::<String>("key", "value")?;
    client.incr("number")?;
    client.incrby("number", 2)?;
    client.incrbyfloat("number", 0.5)?;
    client.mget::<Vec<Option<String>>>(["key", "number"])?;
    client.mset([("key", 1), ("number", 2)])?;
    client.msetnx([("key", 1), ("number", 2)])?;
    client.setnx("key", "value")?;
    client.setrange("key", 2, "value")?;
    client.strlen("key")?;
    client.setbit("bits", 3, true)?;
    client.getbit("bits", 3)?;
    client.bitcount("bits")?;
    Ok(())
}

fn keys(client: &Client) -> Result<(), redis::Error> {
    client.del("key")?;
    client.exists("key")?;
    client.expire("key", 10)?;
    client.expireat("key", 10)?;
    client.expiretime("key")?;
    client.keys::<String>("*")?;
    client.persist("key")?;
    client.pexpiretime("key")?;
    client.pttl("key")?;
    client.randomkey::<String>()?;
    client.rename("key", "other")?;
    client.renamenx("key", "other")?;
    client.touch("key")?;
    client.ttl("key")?;
    client.key_type("key")?;
    client.unlink("key")?;
    client.dump("key")?;
    Ok(())
}

fn hashes(client: &Client) -> Result<(), redis::Error> {
    client.hdel("hash", "field")?;
    client.hexists("hash", "field")?;
    client.hget::<String>("hash", "field")?;
    client.hgetall::<HashMap<String, String>>("hash")?;
    client.hincrby("hash", "field", 2)?;
    client.hincrbyfloat("hash", "field", 2.5)?;
    client.hkeys::<String>("hash")?;
    client.hlen("hash")?;
    client.hmget::<Vec<Option<String>>>("hash", ["field", "other"])?;
    client.hset("hash", ("field", "value"))?;
    client.hsetnx("hash", "field", "value")?;
    client.hstrlen("hash", "field")?;
    client.hvals::<Vec<String>>("hash")?;
    Ok(())
}

fn lists(client: &Client) -> Result<(), redis::Error> {
    client.lindex::<String>("list", 0)?;
    client.llen("list")?;
    client.lpop::<String>("list")?;
    client.lpush("list", ["one", "two"])?;
    client.lpushx("list", "one")?;
    client.lrange::<String>("list", 0, -1)?;
    client.lrem("list", 0, "one")?;
    client.lset("list", 0, "one")?;
    client.ltrim("list", 0, -1)?;
    client.rpop::<String>("list")?;
    client.rpush("list", ["one"])?;
    client.rpushx("list", "one")?;
    Ok(())
}

fn sets(client: &Client) -> Result<(), redis::Error> {
    client.sadd("set", ["one", "two"])?;
    client.scard("set")?;
    client.sdiff::<HashSet<String>>(["set", "other"])?;
    client.sdiffstore("result", ["set", "other"])?;
    client.sinter::<HashSet<String>>(["set", "other"])?;
    client.sinterstore("result", ["set", "other"])?;
    client.sismember("set", "one")?;
    client.smembers::<HashSet<String>>("set")?;
    client.smismember("set", ["one", "two"])?;
    client.smove("set", "other", "one")?;
    client.spop::<String>("set")?;
    client.srandmember::<String>("set")?;
    client.srem("set", "one")?;
    client.sunion::<HashSet<String>>(["set", "other"])?;
    client.sunionstore("result", ["set", "other"])?;
    Ok(())
}

fn sorted_sets(client: &Client) -> Result<(), redis::Error> {
    client.zadd("scores", (1.0, "one"))?;
    client.zcard("scores")?;
    client.zincrby("scores", 1.0, "one")?;
    client.zmscore("scores", ["one", "two"])?;
    client.zpopmin::<String>("scores")?;
    client.zpopmax::<String>("scores")?;
    client.zrank("scores", "one")?;
    client.zrem("scores", "one")?;
    client.zrevrank("scores", "one")?;
    client.zscore("scores", "one")?;
    client.zrandmember::<String>("scores")?;
    client.geoadd("places", (13.4, 52.5, "berlin"))?;
    client.geohash("places", "berlin")?;
    client.geopos("places", ["berlin"])?;
    Ok(())
}

fn others(client: &Client) -> Result<(), redis::Error> {
    client.pfadd("visitors", ["one", "two"])?;
    client.pfcount("visitors")?;
    client.pfmerge("all", ["visitors", "others"])?;
    client.xlen("stream")?;
    client.xdel("stream", "1-0")?;
    client.xack("stream", "group", "1-0")?;
    client.xinfo_groups("stream")?;
    client.xinfo_consumers("stream", "group")?;
    client.publish("channel", "message")?;
    Ok(())
}
