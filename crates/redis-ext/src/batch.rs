//! The batch: commands in one expression whose reply types add up in its own type.

use std::{fmt, marker::PhantomData, sync::Arc};

use redis_cmd::{Command, Execute};
use redis_conn::Error;
use resp_proto::FromReplyOwned;

use crate::{
    Checkout, FromReplies,
    queue::{Mode, Queue},
};

/// Commands in one expression, sent in one go, by default as a transaction. The type says what comes
/// back.
///
/// A client begins one: `client.batch()`. Every command of a client can be called on it, but those that
/// wait, up to sixteen of them. Each call answers a batch with one more reply in its type, which
/// [`execute`](Batch::execute) then returns as a tuple.
///
/// ```no_run
/// # use redis_cmd::StringCommands;
/// # fn with(batch: redis_ext::Batch) -> Result<(), redis_conn::Error> {
/// let ((), name, visits) = batch.set("seen", "now").get::<String>("name").incr("visits").execute()?;
/// let _: (Option<String>, i64) = (name, visits);
/// # Ok(())
/// # }
/// ```
#[must_use = "a batch does nothing until it is executed"]
pub struct Batch<L = ()> {
    checkout: Arc<dyn Checkout>,
    queue: Queue,
    mode: Mode,
    replies: PhantomData<fn() -> L>,
}

impl Batch {
    /// An empty batch over whatever lends connections.
    pub fn new(checkout: Arc<dyn Checkout>) -> Self {
        Self {
            checkout,
            queue: Queue::new(),
            mode: Mode::DEFAULT,
            replies: PhantomData,
        }
    }
}

impl<L> Batch<L> {
    /// Whether the commands are a transaction (`MULTI` … `EXEC`), which they are by default, or only sent together.
    pub fn transaction(mut self, transaction: bool) -> Self {
        self.mode.transaction = transaction;
        self
    }

    /// Whether [`execute`](Batch::execute) fails when a command fails, which it does by default. Otherwise it fails
    /// only where the type of the reply has no place for the error: `Value` has, and so has `Result<T, ServerError>`.
    ///
    /// ```no_run
    /// # use redis_cmd::{StringCommands, cmd};
    /// # use resp_proto::ServerError;
    /// # fn with(batch: redis_ext::Batch) -> Result<(), redis_conn::Error> {
    /// let incr = cmd::<Result<i64, ServerError>>("INCR").key("name");
    /// let ((), visits) = batch.raise_on_error(false).set("seen", "now").command(incr).execute()?;
    /// if let Err(error) = visits {
    ///     println!("not counted: {error}");
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn raise_on_error(mut self, raise: bool) -> Self {
        self.mode.raise_on_error = raise;
        self
    }
}

impl<L: FromReplies> Batch<L> {
    /// Sends the commands and returns their replies.
    ///
    /// # Errors
    /// Those of [`Pipeline::execute`](crate::Pipeline::execute).
    pub fn execute(self) -> Result<L, Error> {
        self.queue.execute(&*self.checkout, self.mode)
    }
}

impl<L: Append> Batch<L> {
    /// Adds any command, made with [`cmd`](redis_cmd::cmd).
    pub fn command<T: FromReplyOwned>(mut self, command: Command<'_, T>) -> Batch<L::With<T>> {
        self.queue.push(&command);
        Batch {
            checkout: self.checkout,
            queue: self.queue,
            mode: self.mode,
            replies: PhantomData,
        }
    }
}

impl<L: Append> Execute for Batch<L> {
    type Output<T: FromReplyOwned> = Batch<L::With<T>>;

    fn execute<T: FromReplyOwned>(self, command: Command<'_, T>) -> Batch<L::With<T>> {
        self.command(command)
    }
}

redis_cmd::implement_families!([L: Append] for Batch<L>);

impl<L> fmt::Debug for Batch<L> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Batch")
            .field("len", &self.queue.len())
            .field("mode", &self.mode)
            .finish_non_exhaustive()
    }
}

/// A list of reply types that can take one more: tuples of up to fifteen, and nothing else.
#[diagnostic::on_unimplemented(
    message = "a batch holds up to 16 commands",
    note = "use a pipeline for more: its replies are decoded into a `Vec`"
)]
pub trait Append: sealed::List {
    /// The list with `T` behind it.
    type With<T: FromReplyOwned>: FromReplies;
}

mod sealed {
    /// Implemented for tuples, and for nothing else.
    pub trait List {}
}

macro_rules! append {
    ($(($($name:ident)*))+) => {$(
        impl<$($name: FromReplyOwned),*> sealed::List for ($($name,)*) {}

        impl<$($name: FromReplyOwned),*> Append for ($($name,)*) {
            type With<T: FromReplyOwned> = ($($name,)* T,);
        }
    )+};
}

append! {
    ()
    (A)
    (A B)
    (A B C)
    (A B C D)
    (A B C D E)
    (A B C D E F)
    (A B C D E F G)
    (A B C D E F G H)
    (A B C D E F G H I)
    (A B C D E F G H I J)
    (A B C D E F G H I J K)
    (A B C D E F G H I J K L)
    (A B C D E F G H I J K L M)
    (A B C D E F G H I J K L M N)
    (A B C D E F G H I J K L M N O)
}
