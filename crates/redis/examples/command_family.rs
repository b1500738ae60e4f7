//! A family of commands of one's own, as for a module: defined once, typed, and there on clients, in
//! pipelines and in batches. The commands here are functions of a library, so that every server has them;
//! for a module, `cmd("MODULE.COMMAND")` goes in place of `FCALL`.
//!
//! `cargo run -p redis --example command_family [-- --url redis://localhost]`

mod stage;

use clap::Parser;
use redis::{
    Client, DecodeError, Execute, FromReply, FunctionLibrary, Reply, ToArg, cmd, prelude::*,
};
use stage::Stage;

const LIBRARY: &str = "#!lua name=example_stock
    local function stock(key)
        local item = redis.call('HMGET', key, 'left', 'reserved')
        return {tonumber(item[1] or 0), tonumber(item[2] or 0)}
    end
    redis.register_function('stock_add', function(keys, args)
        return redis.call('HINCRBY', keys[1], 'left', args[1])
    end)
    redis.register_function('stock_reserve', function(keys, args)
        local item = stock(keys[1])
        if item[1] < tonumber(args[1]) then return false end
        redis.call('HINCRBY', keys[1], 'left', -args[1])
        redis.call('HINCRBY', keys[1], 'reserved', args[1])
        return stock(keys[1])
    end)
    redis.register_function{
        function_name = 'stock_get',
        callback = function(keys) return stock(keys[1]) end,
        flags = {'no-writes'}
    }";

/// What there is of something.
#[derive(Debug, PartialEq)]
struct Stock {
    left: u64,
    reserved: u64,
}

impl FromReply<'_> for Stock {
    fn from_reply(reply: Reply<'_>) -> Result<Self, DecodeError> {
        let (left, reserved) = reply.decode()?;
        Ok(Self { left, reserved })
    }
}

/// Commands on stocks.
trait StockCommands: Execute {
    /// Adds to a stock; how much is left then.
    fn stock_add(self, key: impl ToArg, count: u64) -> Self::Output<u64> {
        let command = cmd("FCALL").arg("stock_add").unsigned(1);
        self.execute(command.key(&key).unsigned(count))
    }

    /// Reserves some of a stock; what there is then, `None` when there is too little.
    fn stock_reserve(self, key: impl ToArg, count: u64) -> Self::Output<Option<Stock>> {
        let command = cmd("FCALL").arg("stock_reserve").unsigned(1);
        self.execute(command.key(&key).unsigned(count))
    }

    /// What there is of a stock.
    fn stock_get(self, key: impl ToArg) -> Self::Output<Stock> {
        // It only reads, so a client may repeat it when a connection was lost.
        let command = cmd("FCALL_RO").read_only().arg("stock_get").unsigned(1);
        self.execute(command.key(&key))
    }
}

impl<E: Execute> StockCommands for E {}

fn play(client: &Client) -> redis::Result<Vec<Option<Stock>>> {
    FunctionLibrary::new(LIBRARY)?.replace(client)?;
    client.unlink(["example:stock:pen", "example:stock:ink"])?;

    // On a client.
    client.stock_add("example:stock:pen", 10)?;
    let mut stocks = vec![client.stock_reserve("example:stock:pen", 3)?];

    // In a batch, whose types the compiler adds up.
    let batch = client.batch().stock_add("example:stock:ink", 2);
    let (_, too_much, ink) = batch
        .stock_reserve("example:stock:ink", 5)
        .stock_get("example:stock:ink")
        .execute()?;
    stocks.extend([too_much, Some(ink)]);

    // In a pipeline.
    let mut pipeline = client.pipeline();
    for item in ["pen", "ink"] {
        pipeline.stock_get(format!("example:stock:{item}"));
    }
    stocks.extend(pipeline.execute::<Vec<Option<Stock>>>()?);
    Ok(stocks)
}

fn main() -> anyhow::Result<()> {
    for stock in play(&Stage::of(stage::Arguments::parse())?.client)? {
        println!("{stock:?}");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{Stock, play, stage::Stage};

    #[test]
    fn a_family_of_ones_own_works_on_client_batch_and_pipeline() {
        let stage = Stage::own().unwrap();
        let stock = |left, reserved| Some(Stock { left, reserved });
        let expected = [stock(7, 3), None, stock(2, 0), stock(7, 3), stock(2, 0)];
        assert_eq!(play(&stage.client).unwrap(), expected);
    }
}
