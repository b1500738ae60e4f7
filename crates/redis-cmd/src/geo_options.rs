//! Areas on earth, and what is found in them.

use resp_proto::{Data, DecodeError, FromReply, Reply};

use crate::{
    Command, KeptArg, ToArg,
    clauses::{Clause, Clauses},
    kept::Kept,
};

/// A unit of length.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GeoUnit {
    /// Metres.
    Meters,
    /// Kilometres.
    #[doc(alias = "KM")]
    Kilometers,
    /// Feet.
    #[doc(alias = "FT")]
    Feet,
    /// Miles.
    #[doc(alias = "MI")]
    Miles,
}

impl GeoUnit {
    /// In small letters: Redis before 7.0 takes no others.
    fn word(self) -> &'static str {
        match self {
            Self::Meters => "m",
            Self::Kilometers => "km",
            Self::Feet => "ft",
            Self::Miles => "mi",
        }
    }
}

impl Clause for GeoUnit {
    fn write_to<'a, T>(&'a self, command: Command<'a, T>) -> Command<'a, T> {
        command.word(self.word())
    }
}

/// How [`geoadd`](crate::GeoCommands::geoadd) adds places.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct GeoAddOptions {
    clauses: Clauses,
}

impl GeoAddOptions {
    /// No option.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Only adds members, never moves one. Since Redis 6.2.
    #[must_use]
    pub fn nx(mut self) -> Self {
        self.clauses.set(0, "NX");
        self
    }

    /// Only moves members, never adds one. Since Redis 6.2.
    #[must_use]
    pub fn xx(mut self) -> Self {
        self.clauses.set(0, "XX");
        self
    }

    /// Counts the members that have moved too (`CH`). Since Redis 6.2.
    #[doc(alias = "CH")]
    #[must_use]
    pub fn count_changed(mut self) -> Self {
        self.clauses.set(1, "CH");
        self
    }
}

impl Clause for GeoAddOptions {
    fn write_to<'a, T>(&'a self, command: Command<'a, T>) -> Command<'a, T> {
        command.with(&self.clauses)
    }
}

/// What a search for places answers, and in which order. Where the result is stored, there is only order and count;
/// more is not sent.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct GeoOptions {
    clauses: Clauses,
}

/// The first of the slots of what is told beside the members; in those before are their order and number.
const TOLD: u8 = 2;

impl GeoOptions {
    /// No option.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Nearest first.
    #[must_use]
    pub fn asc(mut self) -> Self {
        self.clauses.set(0, "ASC");
        self
    }

    /// Farthest first.
    #[must_use]
    pub fn desc(mut self) -> Self {
        self.clauses.set(0, "DESC");
        self
    }

    /// At most `count`: the nearest, or with [`desc`](Self::desc) the farthest.
    #[must_use]
    pub fn count(mut self, count: u64) -> Self {
        self.clauses.set(1, &("COUNT", count));
        self
    }

    /// Any `count` at most, as soon as they are found. Since Redis 6.2.
    #[doc(alias = "COUNT")]
    #[doc(alias = "ANY")]
    #[must_use]
    pub fn count_any(mut self, count: u64) -> Self {
        self.clauses.set(1, &("COUNT", count, "ANY"));
        self
    }

    /// With positions.
    #[doc(alias = "WITHCOORD")]
    #[must_use]
    pub fn with_coord(mut self) -> Self {
        self.clauses.set(TOLD, "WITHCOORD");
        self
    }

    /// With distances from the middle, in the unit of the search.
    #[doc(alias = "WITHDIST")]
    #[must_use]
    pub fn with_dist(mut self) -> Self {
        self.clauses.set(TOLD + 1, "WITHDIST");
        self
    }

    /// With the scores that the positions are stored as.
    #[doc(alias = "WITHHASH")]
    #[must_use]
    pub fn with_hash(mut self) -> Self {
        self.clauses.set(TOLD + 2, "WITHHASH");
        self
    }
}

impl GeoOptions {
    /// As commands take them that store what they find.
    pub(crate) fn where_stored(&self) -> WhereStored<'_> {
        WhereStored(self)
    }
}

impl Clause for GeoOptions {
    fn write_to<'a, T>(&'a self, command: Command<'a, T>) -> Command<'a, T> {
        command.with(&self.clauses)
    }
}

/// Options of a command that stores what it finds, and so has nobody to tell more of it.
pub(crate) struct WhereStored<'o>(&'o GeoOptions);

impl Clause for WhereStored<'_> {
    fn write_to<'a, T>(&'a self, command: Command<'a, T>) -> Command<'a, T> {
        let command = command.with(&self.0.clauses);
        if self.0.clauses.fills_any_from(TOLD) {
            return command.invalid(
                "expected an order and a count where the result is stored, found positions, distances or hashes \
                 to be told",
            );
        }
        command
    }
}

/// A position on earth, in degrees.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct GeoPoint {
    /// Degrees east.
    pub longitude: f64,
    /// Degrees north.
    pub latitude: f64,
}

impl From<(f64, f64)> for GeoPoint {
    /// Degrees east, then degrees north, as everywhere in the protocol.
    fn from((longitude, latitude): (f64, f64)) -> Self {
        Self {
            longitude,
            latitude,
        }
    }
}

impl Clause for GeoPoint {
    fn write_to<'a, T>(&'a self, command: Command<'a, T>) -> Command<'a, T> {
        command.float(self.longitude).float(self.latitude)
    }
}

impl FromReply<'_> for GeoPoint {
    fn from_reply(reply: Reply<'_>) -> Result<Self, DecodeError> {
        reply.decode::<(f64, f64)>().map(Self::from)
    }
}

/// Where an area has its middle.
#[derive(Clone, Debug, PartialEq)]
pub enum GeoOrigin {
    /// At a member.
    Member(KeptArg),
    /// At a position.
    Point(GeoPoint),
}

impl GeoOrigin {
    /// At a member.
    pub fn member(member: impl ToArg) -> Self {
        Self::Member(KeptArg::new(&member))
    }

    /// At a position, in degrees east and north.
    #[must_use]
    pub fn point(longitude: f64, latitude: f64) -> Self {
        Self::Point(GeoPoint {
            longitude,
            latitude,
        })
    }
}

/// An area in which [`geosearch`](crate::GeoCommands::geosearch) looks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GeoArea {
    clauses: Clauses,
}

impl GeoArea {
    /// A circle.
    #[doc(alias = "BYRADIUS")]
    #[must_use]
    pub fn circle(origin: GeoOrigin, radius: f64, unit: GeoUnit) -> Self {
        Self::around(origin, &("BYRADIUS", radius, unit.word()))
    }

    /// A rectangle whose sides lie east to west and north to south.
    #[doc(alias = "BYBOX")]
    #[must_use]
    pub fn rectangle(origin: GeoOrigin, width: f64, height: f64, unit: GeoUnit) -> Self {
        Self::around(origin, &("BYBOX", width, height, unit.word()))
    }

    /// A polygon with corners given as `(longitude, latitude)`, at least one. Valkey only, since 9.0.
    #[doc(alias = "BYPOLYGON")]
    #[must_use]
    pub fn polygon(corners: &[(f64, f64)]) -> Self {
        let mut clauses = Clauses::default();
        let words = Kept::of(&("BYPOLYGON", corners.len(), corners));
        clauses.put(1, words.only_if(!corners.is_empty()));
        Self { clauses }
    }

    fn around(origin: GeoOrigin, shape: &impl crate::ToArgs) -> Self {
        let mut clauses = Clauses::default();
        match origin {
            GeoOrigin::Member(member) => clauses.set(0, &("FROMMEMBER", member)),
            GeoOrigin::Point(point) => {
                clauses.set(0, &("FROMLONLAT", point.longitude, point.latitude));
            }
        }
        clauses.set(1, shape);
        Self { clauses }
    }
}

impl Clause for GeoArea {
    fn write_to<'a, T>(&'a self, command: Command<'a, T>) -> Command<'a, T> {
        command.with(&self.clauses)
    }
}

/// A member that was found in an area, with what was asked for.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct GeoFound<T> {
    /// The member.
    pub member: T,
    /// How far it is from the middle, in the unit of the search.
    pub distance: Option<f64>,
    /// The score that its position is stored as.
    pub hash: Option<u64>,
    /// Where it is.
    pub position: Option<GeoPoint>,
}

impl<'a, T: FromReply<'a>> FromReply<'a> for GeoFound<T> {
    /// A member alone comes as such; what was asked for follows it, and each is of another type.
    fn from_reply(reply: Reply<'a>) -> Result<Self, DecodeError> {
        let parts: Vec<Reply<'a>> = match reply.data() {
            Data::Array(parts) => parts.collect(),
            _ => vec![reply],
        };
        let Some((member, extras)) = parts.split_first() else {
            return Err(DecodeError::mismatch("a member", reply));
        };
        let mut found = Self {
            member: member.decode()?,
            distance: None,
            hash: None,
            position: None,
        };
        for extra in extras {
            match extra.data() {
                Data::Integer(_) => found.hash = Some(extra.decode()?),
                Data::Array(_) => found.position = Some(extra.decode()?),
                _ => found.distance = Some(extra.decode()?),
            }
        }
        Ok(found)
    }
}
