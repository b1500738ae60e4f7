//! Backups of a running server: <https://redis.io/docs/latest/commands/backup/>.

use std::collections::BTreeMap;

use resp_proto::{DecodeError, FromReply, Reply, Value};

use crate::{Execute, Lossy, UnixSeconds, cmd, named::Named};

/// Commands that have the server put files for a backup aside. Redis only, since 8.10.
///
/// A backup is started, sealed when it has all that it shall have, copied by whoever has access to the server's
/// files, and cleaned up. There is one at a time.
pub trait BackupCommands: Execute {
    /// Gives up a backup that is not sealed.
    ///
    /// Redis only, since 8.10. Complexity: O(1).
    #[doc(alias = "BACKUP ABORT")]
    fn backup_abort(self) -> Self::Output<()> {
        self.execute(cmd("BACKUP ABORT"))
    }

    /// Removes the files of a backup that is sealed or has failed.
    ///
    /// Redis only, since 8.10. Complexity: O(1).
    #[doc(alias = "BACKUP CLEANUP")]
    fn backup_cleanup(self) -> Self::Output<()> {
        self.execute(cmd("BACKUP CLEANUP"))
    }

    /// The paths of the files that the backup has so far, on the server; all of them once it is sealed.
    ///
    /// Redis only, since 8.10. Complexity: O(1).
    #[doc(alias = "BACKUP LIST")]
    fn backup_list(self) -> Self::Output<Vec<Lossy>> {
        self.execute(cmd("BACKUP LIST").read_only())
    }

    /// Ends the backup, which then has all that was written before.
    ///
    /// Redis only, since 8.10. Complexity: O(1).
    #[doc(alias = "BACKUP SEAL")]
    fn backup_seal(self) -> Self::Output<()> {
        self.execute(cmd("BACKUP SEAL"))
    }

    /// Starts a backup into the directory of `backupdirname`, which has to be empty.
    ///
    /// Redis only, since 8.10. Complexity: O(1).
    #[doc(alias = "BACKUP START")]
    fn backup_start(self) -> Self::Output<()> {
        self.execute(cmd("BACKUP START"))
    }

    /// How far the backup is.
    ///
    /// Redis only, since 8.10. Complexity: O(1).
    #[doc(alias = "BACKUP STATUS")]
    fn backup_status(self) -> Self::Output<BackupStatus> {
        self.execute(cmd("BACKUP STATUS").read_only())
    }
}

/// How far a backup is.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct BackupStatus {
    /// `idle`, `pending`, `snapshotting`, `incrementing`, `sealed` or `failed`.
    pub state: String,
    /// Why it failed; empty if it did not.
    pub error: String,
    /// When it was started, if it was.
    pub start_time: Option<UnixSeconds>,
    /// When it was sealed, if it was.
    pub end_time: Option<UnixSeconds>,
    /// Whatever else the server says, by its own names. Protocols differ in how: [decode](Value::decode) it.
    pub rest: BTreeMap<String, Value>,
}

impl FromReply<'_> for BackupStatus {
    #[inline]
    fn from_reply(reply: Reply<'_>) -> Result<Self, DecodeError> {
        let mut fields = Named::of(reply)?;
        // 0 stands for never.
        let happened = |time: &UnixSeconds| time.0 != 0;
        Ok(Self {
            state: fields.take("state")?,
            error: fields.take::<Lossy>("error")?.0,
            start_time: Some(fields.take("start_time")?).filter(happened),
            end_time: Some(fields.take("end_time")?).filter(happened),
            rest: fields.rest()?,
        })
    }
}
