//! A zoo of servers that no client may be hurt by.

use std::time::Duration;

use crate::script::Script;

/// Ways to misbehave towards a client. After each of them, a client has to have given up with an error,
/// in bounded time and memory; none of them answers the call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Hostile {
    /// A bulk string of 2 GiB is announced, and does not come.
    HugeBulk,
    /// A bulk string of 512 MiB, as long as servers allow, is announced, and does not come.
    LargestBulk,
    /// An array of 2²⁶ elements is announced, of which one comes.
    LargestArray,
    /// An array of two thousand million elements is announced, and does not come.
    HugeArray,
    /// A map of four thousand million entries is announced, and does not come.
    HugeMap,
    /// A length that fits into no integer.
    LengthBeyondIntegers,
    /// A length of minus two.
    NegativeLength,
    /// An array of minus two elements.
    NegativeCount,
    /// A hundred thousand arrays, each in the one before.
    Depth,
    /// A line without an end.
    EndlessLine,
    /// Pushes without an end.
    PushFlood,
    /// Attributes without an end, and without the reply that they belong to.
    AttributeFlood,
    /// A bulk string that does not end where its length says.
    WrongTerminator,
    /// A type that there is not.
    UnknownType,
    /// Half a reply, then the end of the stream.
    HalfReply,
    /// Half a reply, then a reset.
    HalfReplyAndReset,
    /// A web server.
    Http,
    /// A TLS alert.
    Tls,
    /// One byte a second of a reply.
    OneByteASecond,
    /// The request is read and not answered.
    Silent,
    /// Nothing is read, not even the handshake.
    Deaf,
    /// The connection is closed as soon as it is made.
    ClosesAtOnce,
}

impl Hostile {
    /// All of them.
    pub const ALL: [Self; 22] = [
        Self::LargestBulk,
        Self::LargestArray,
        Self::HugeBulk,
        Self::HugeArray,
        Self::HugeMap,
        Self::LengthBeyondIntegers,
        Self::NegativeLength,
        Self::NegativeCount,
        Self::Depth,
        Self::EndlessLine,
        Self::PushFlood,
        Self::AttributeFlood,
        Self::WrongTerminator,
        Self::UnknownType,
        Self::HalfReply,
        Self::HalfReplyAndReset,
        Self::Http,
        Self::Tls,
        Self::OneByteASecond,
        Self::Silent,
        Self::Deaf,
        Self::ClosesAtOnce,
    ];

    /// What the server does.
    pub fn script(self) -> Script {
        let asked = || Script::after_handshake().expect(1);
        match self {
            Self::HugeBulk => asked().send("$2147483647\r\nx"),
            Self::LargestBulk => asked().send("$536870912\r\nx"),
            Self::LargestArray => asked().send("*67108864\r\n:1\r\n"),
            Self::HugeArray => asked().send("*2147483647\r\n:1\r\n"),
            Self::HugeMap => asked().send("%4294967295\r\n:1\r\n"),
            Self::LengthBeyondIntegers => asked().send("$99999999999999999999999\r\n"),
            Self::NegativeLength => asked().send("$-2\r\n"),
            Self::NegativeCount => asked().send("*-2\r\n"),
            Self::Depth => asked().send("*1\r\n".repeat(100_000)),
            Self::EndlessLine => asked().send("+").flood([b'x'; 65536]),
            Self::PushFlood => asked().flood(">2\r\n+a\r\n+b\r\n".repeat(1000)),
            Self::AttributeFlood => asked().flood("|1\r\n+a\r\n+b\r\n".repeat(1000)),
            Self::WrongTerminator => asked().send("$2\r\nhello\r\n"),
            Self::UnknownType => asked().send("?1\r\n"),
            Self::HalfReply => asked().send("$5\r\nhel").close(),
            Self::HalfReplyAndReset => asked().send("$5\r\nhel").reset(),
            Self::Http => Script::new()
                .expect(1)
                .send("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")
                .close(),
            Self::Tls => Script::new()
                .expect(1)
                .send(b"\x15\x03\x01\x00\x02\x02\x46"),
            Self::OneByteASecond => {
                asked().send_slowly("$5\r\nhello\r\n", 1, Duration::from_secs(1))
            }
            Self::Silent => asked(),
            Self::Deaf => Script::new().deaf(),
            Self::ClosesAtOnce => Script::new().close(),
        }
    }
}
