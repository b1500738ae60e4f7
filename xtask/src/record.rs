//! `cargo xtask record`: real replies, kept as data for the tests of the parser.
//!
//! A recording is a stream of RESP: a request, its reply, the next request … It is read off the socket
//! without a parser, up to a mark that the server echoes, so that no parser of ours decides what is in it.

use std::fs;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use redis_testkit::{Server, ServerBinary};

use crate::matrix::{self, MATRIX};
use crate::servers;
use crate::workspace::Workspace;

/// What is asked, in this order, on a server without data. Words are apart by spaces.
const REQUESTS: &str = "
PING|ECHO hello|SET text hello|GET text|GET missing|GETRANGE text 1 3|APPEND text !|STRLEN text
SET number 41|INCR number|INCRBYFLOAT number 0.5|SET number 1 NX|SETEX fleeting 1000 v|TTL fleeting|TTL missing
MSET a 1 b 2 c 3|MGET a missing c|EXISTS a b missing|TYPE a|DEL a|DBSIZE|OBJECT ENCODING b
HSET hash f1 v1 f2 v2|HGETALL hash|HGETALL missing|HGET hash f1|HMGET hash f1 nope|HKEYS hash|HLEN hash
HINCRBYFLOAT hash score 1.25|HRANDFIELD hash 2 WITHVALUES|HEXISTS hash f1|HSCAN hash 0
RPUSH list one two three|LRANGE list 0 -1|LPOP list 2|LPOP missing 2|LPOS list three|BLPOP list 1|LLEN list
SADD set x y z|SMEMBERS set|SISMEMBER set x|SMISMEMBER set x w|SPOP set 0|SINTERCARD 1 set|SSCAN set 0
ZADD zset 1.5 one 2 two inf three|ZRANGE zset 0 -1|ZRANGE zset 0 -1 WITHSCORES|ZSCORE zset one|ZSCORE zset nope
ZMSCORE zset one nope three|ZRANK zset two WITHSCORE|ZINCRBY zset 0.25 one|ZPOPMIN zset|ZPOPMAX zset 2|ZADD zset INCR 3 four
XADD stream 1-1 f v|XADD stream 1-2 g w|XRANGE stream - +|XREAD COUNT 1 STREAMS stream 0|XINFO STREAM stream
XGROUP CREATE stream group 0|XREADGROUP GROUP group me COUNT 1 STREAMS stream >|XPENDING stream group|XINFO GROUPS stream
GEOADD geo 13.361389 38.115556 Palermo|GEOPOS geo Palermo nope|GEODIST geo Palermo Palermo km|GEOHASH geo Palermo
PFADD hll a b|PFCOUNT hll|SETBIT bits 7 1|BITCOUNT bits|BITFIELD bits GET u8 0 OVERFLOW FAIL INCRBY u2 0 3
EVAL return{1,2.5,'three',{4},false} 0|EVAL return{ok='fine'} 0|EVAL return{err='MY_bad'} 0|SCRIPT EXISTS 0000000000000000000000000000000000000000
MULTI|SET t 1|GET t|INCR text|EXEC|MULTI|DISCARD|WATCH a|UNWATCH
CONFIG GET maxmemory*|CLIENT ID|CLIENT GETNAME|CLIENT SETNAME me|CLIENT GETNAME|CLIENT TRACKINGINFO|CLIENT NO-EVICT off
COMMAND COUNT|COMMAND INFO get nosuch|COMMAND GETKEYS MSET a 1 b 2|COMMAND DOCS get|MEMORY USAGE text|MEMORY DOCTOR
ACL WHOAMI|ACL CAT|ACL GETUSER default|ACL LOG|LATENCY LATEST|SLOWLOG GET 1|FUNCTION LIST|FUNCTION STATS|MODULE LIST
SCAN 0 COUNT 100|RANDOMKEY|LCS text text|LCS text text IDX|DUMP list|WAIT 0 1|SELECT 1|SELECT 99|SWAPDB 0 1|LASTSAVE|TIME|ROLE|LOLWUT
NOSUCHCOMMAND|GET|INCR hash2 x|HSET number f v|LPUSH text x
INFO clients|CLUSTER INFO|SUBSCRIBE news|UNSUBSCRIBE news|PSUBSCRIBE n*|PUNSUBSCRIBE|RESET
";

pub(crate) fn run(workspace: &Workspace) -> Result<ExitCode> {
    let directory = workspace.root.join("crates/resp-proto/tests/recorded");
    fs::create_dir_all(&directory)
        .with_context(|| format!("cannot make {}", directory.display()))?;
    let all: Vec<_> = MATRIX.iter().collect();
    for (server, found) in servers::get(workspace, &all) {
        let binary = found.with_context(|| server.name)?;
        let name = matrix::name_of(binary.version());
        for protocol in ["2", "3"] {
            let recording = record(&binary, protocol)?;
            let path = directory.join(format!("{name}.resp{protocol}"));
            fs::write(&path, &recording)
                .with_context(|| format!("cannot write {}", path.display()))?;
            println!("{}: {} bytes", path.display(), recording.len());
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn record(binary: &ServerBinary, protocol: &str) -> Result<Vec<u8>> {
    let server = Server::builder().binary(binary.clone()).start()?;
    let mut socket = TcpStream::connect(server.tcp_addr())?;
    socket.set_read_timeout(Some(Duration::from_secs(10)))?;
    let mut recording = Vec::new();
    let hello = format!("HELLO {protocol}");
    let requests = REQUESTS.split(['|', '\n']).filter(|line| !line.is_empty());
    let mut is_queued = false;
    for request in std::iter::once(hello.as_str()).chain(requests) {
        let words: Vec<_> = request.split(' ').collect();
        is_queued = match request {
            "MULTI" => true,
            "EXEC" | "DISCARD" => false,
            _ => is_queued,
        };
        let (request, reply) = ask(&mut socket, &words, is_queued)
            .with_context(|| format!("cannot record {request}"))?;
        recording.extend(request);
        recording.extend(reply);
    }
    Ok(recording)
}

/// The request as it was sent, and everything that the server answered.
fn ask(socket: &mut TcpStream, words: &[&str], is_one_line: bool) -> Result<(Vec<u8>, Vec<u8>)> {
    // Not `ECHO`, which a subscribed connection refuses, but a name that no server knows.
    const MARK: &str = "MARK-8b1c";
    let request = encoded(words);
    socket.write_all(&request)?;
    let (mut reply, mut buffer) = (Vec::new(), [0; 4096]);
    // It would make the transaction fail. There, all replies are one line.
    if !is_one_line {
        socket.write_all(&encoded(&[MARK]))?;
    }
    loop {
        let count = socket.read(&mut buffer)?;
        if count == 0 {
            bail!("the server hung up");
        }
        reply.extend(&buffer[..count]);
        if is_one_line && reply.ends_with(b"\r\n") {
            return Ok((request, reply));
        }
        let text = String::from_utf8_lossy(&reply);
        // The error is a line of its own, and the last one.
        if let Some(at) = text.rfind("-ERR unknown command") {
            let line = &text[at..];
            if line.contains(MARK) && line.ends_with("\r\n") {
                let length = line.len();
                reply.truncate(reply.len() - length);
                return Ok((request, reply));
            }
        }
    }
}

fn encoded(words: &[&str]) -> Vec<u8> {
    let mut request = format!("*{}\r\n", words.len()).into_bytes();
    for word in words {
        request.extend(format!("${}\r\n{word}\r\n", word.len()).bytes());
    }
    request
}
