//! A leaderboard: everybody's best score, the first few, and where somebody stands.
//!
//! `cargo run -p redis --example leaderboard [-- --url redis://localhost]`

mod stage;

use clap::Parser;
use redis::{Client, ZAddOptions, ZRange, prelude::*};
use stage::Stage;

const KEY: &str = "example:leaderboard";

struct Leaderboard<'c> {
    client: &'c Client,
}

/// Where somebody stands, the best being 1.
#[derive(Debug, PartialEq)]
struct Standing {
    place: usize,
    score: f64,
}

impl Leaderboard<'_> {
    /// Notes a score if it is better than the player's best.
    fn submit(&self, player: &str, score: f64) -> redis::Result<()> {
        let better = ZAddOptions::new().gt();
        self.client
            .zadd_with(KEY, (score, player), better)
            .map(drop)
    }

    /// The best `count`, best first.
    fn top(&self, count: u64) -> redis::Result<Vec<(String, f64)>> {
        let all = ZRange::scores(f64::NEG_INFINITY, f64::INFINITY);
        let best = all.reversed().limit(0, count);
        self.client.zrange_withscores(KEY, best)
    }

    /// Where a player stands, if at all: place and score of the same moment, in one round trip.
    fn standing(&self, player: &str) -> redis::Result<Option<Standing>> {
        let batch = self.client.batch().zrevrank(KEY, player);
        let (place, score) = batch.zscore(KEY, player).execute()?;
        Ok(place.zip(score).map(|(place, score)| Standing {
            place: place + 1,
            score,
        }))
    }
}

fn main() -> anyhow::Result<()> {
    let stage = Stage::of(stage::Arguments::parse())?;
    let board = Leaderboard {
        client: &stage.client,
    };
    stage.client.unlink(KEY)?;
    for (player, score) in [
        ("ada", 420.0),
        ("alan", 350.5),
        ("grace", 512.0),
        ("edsger", 99.0),
        ("alan", 433.0),
        ("grace", 17.0),
    ] {
        board.submit(player, score)?;
    }
    for (place, (player, score)) in board.top(3)?.iter().enumerate() {
        println!("{}. {player} {score}", place + 1);
    }
    println!("edsger: {:?}", board.standing("edsger")?);
    println!("nobody: {:?}", board.standing("nobody")?);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{Leaderboard, Standing, stage::Stage};

    #[test]
    fn the_best_score_of_everybody_counts() {
        let stage = Stage::own().unwrap();
        let board = Leaderboard {
            client: &stage.client,
        };
        assert!(board.top(10).unwrap().is_empty());
        for (player, score) in [("ada", 3.0), ("alan", 1.0), ("alan", 5.5), ("ada", 2.0)] {
            board.submit(player, score).unwrap();
        }
        let best = [("alan".to_owned(), 5.5), ("ada".to_owned(), 3.0)];
        assert_eq!(board.top(10).unwrap(), best);
        assert_eq!(board.top(1).unwrap(), best[..1]);
        assert_eq!(board.top(0).unwrap(), []);
        let ada = Standing {
            place: 2,
            score: 3.0,
        };
        assert_eq!(board.standing("ada").unwrap(), Some(ada));
        assert_eq!(board.standing("nobody").unwrap(), None);
    }
}
