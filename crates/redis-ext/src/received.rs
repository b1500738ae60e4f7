//! Replies each with its own result, as far as they came.

use redis_conn::Error;
use resp_proto::{FromReplyOwned, Value};

use crate::{FromReplies, Replies};

/// What came back of a pipeline: each command's own reply or error, in order, and, if the connection
/// was lost on the way, why there are no more.
///
/// ```no_run
/// # use redis_cmd::StringCommands;
/// # use redis_ext::Received;
/// # fn with(mut pipeline: redis_ext::Pipeline) -> Result<(), redis_conn::Error> {
/// pipeline.transaction(false).incr("a").incr("b").incr("c");
/// let received: Received<i64> = pipeline.execute()?;
/// for (number, reply) in received.replies.iter().enumerate() {
///     println!("command {}: {reply:?}", number + 1);
/// }
/// if let Some(error) = received.lost {
///     // command 3 (INCR c) of the pipeline, after 2 of 3 replies: the server closed the connection
///     println!("{error}");
/// }
/// # Ok(())
/// # }
/// ```
///
/// A transaction is executed whole or not at all, and has one reply: where that is lost, `execute` itself
/// fails. A pipeline that is received in this way is not made again by itself, even if it only reads.
#[derive(Debug)]
#[non_exhaustive]
pub struct Received<T = Value> {
    /// The replies that came: fewer than there were commands if the connection was [`lost`](Self::lost).
    /// An error here is that of one command, or that of decoding its reply. The first command without a reply
    /// is the one behind the last of these; [`lost`](Self::lost) names it.
    pub replies: Vec<Result<T, Error>>,
    /// Why no more replies came. The commands without one may have been executed or not:
    /// [`Error::maybe_executed`].
    pub lost: Option<Error>,
}

impl<T: FromReplyOwned> FromReplies for Received<T> {
    fn from_replies(replies: &mut Replies<'_>) -> Result<Self, Error> {
        let mut received = Self {
            replies: Vec::new(),
            lost: None,
        };
        while !replies.is_empty() {
            let reply = replies.decode_next();
            if replies.is_lost() {
                received.lost = reply.err();
                break;
            }
            received.replies.push(reply);
        }
        Ok(received)
    }
}
