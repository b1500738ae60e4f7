//! What is printed: a table for each workload, then the ratios of all.

use crate::{
    contenders::{FLOOR, OURS},
    figures::{Figures, Results},
};

/// Everything about one workload.
pub(crate) fn workload(name: &str, figures: &[Figures]) -> String {
    let header = [
        name,
        "calls/s",
        "p50 µs",
        "p99 µs",
        "CPU µs",
        "allocations",
        "bytes",
        "system calls",
        "instructions",
    ];
    let rows: Vec<Vec<String>> = figures
        .iter()
        .map(|figures| {
            vec![
                figures.contender.to_owned(),
                number(figures.calls_per_second()),
                maybe(figures.quantile(0.5)),
                maybe(figures.quantile(0.99)),
                number(figures.cpu_per_call()),
                maybe(figures.allocations),
                maybe(figures.bytes),
                maybe(figures.system_calls),
                maybe(figures.instructions),
            ]
        })
        .collect();
    table(&header, &rows)
}

/// How everybody's processor time compares with the floor's, then how ours and the time compare with everybody's.
pub(crate) fn ratios(results: &Results) -> String {
    let names = contenders(results);
    let one = |title: &str, ratio: &dyn Fn(&str, &str) -> Option<f64>| {
        let header: Vec<&str> = [title].into_iter().chain(names.iter().copied()).collect();
        let rows: Vec<Vec<String>> = results
            .rows
            .iter()
            .map(|(workload, _)| {
                let ratios = names.iter().map(|name| match ratio(workload, name) {
                    Some(ratio) => format!("{ratio:.2}"),
                    None => "–".to_owned(),
                });
                [(*workload).to_owned()].into_iter().chain(ratios).collect()
            })
            .collect();
        table(&header, &rows)
    };
    let floor = |workload: &str| {
        results
            .find(workload, FLOOR)
            .or(results.find(workload, "floor"))
    };
    let cpu_to_floor = |workload: &str, name: &str| {
        Some(
            results
                .find(workload, name)?
                .cpu_relative_to(floor(workload)?),
        )
    };
    let ours = |workload: &str| results.find(workload, OURS);
    let cpu = |workload: &str, name: &str| {
        Some(ours(workload)?.cpu_relative_to(results.find(workload, name)?))
    };
    let time = |workload: &str, name: &str| {
        Some(ours(workload)?.time_relative_to(results.find(workload, name)?))
    };
    [
        one("CPU / floor's", &cpu_to_floor),
        one("our CPU / theirs", &cpu),
        one("our time / theirs", &time),
    ]
    .join("\n")
}

/// Whoever has taken part, in the order of the workload that most took part in.
pub(crate) fn contenders(results: &Results) -> Vec<&'static str> {
    let mut names = Vec::new();
    for (_, figures) in &results.rows {
        for figures in figures {
            if !names.contains(&figures.contender) {
                names.push(figures.contender);
            }
        }
    }
    names
}

/// Right-aligned columns, but for the first.
pub(crate) fn table(header: &[&str], rows: &[Vec<String>]) -> String {
    let header: Vec<String> = header.iter().map(|&title| title.to_owned()).collect();
    let lines: Vec<&Vec<String>> = std::iter::once(&header).chain(rows).collect();
    let width = |column: usize| {
        lines
            .iter()
            .filter_map(|line| line.get(column))
            .map(|cell| cell.chars().count())
            .max()
            .unwrap_or(0)
    };
    let widths: Vec<usize> = (0..header.len()).map(width).collect();
    let mut text = String::new();
    for line in lines {
        for (at, (cell, &width)) in line.iter().zip(&widths).enumerate() {
            if at == 0 {
                text.push_str(&format!("{cell:width$}"));
            } else {
                text.push_str(&format!("  {cell:>width$}"));
            }
        }
        text.push('\n');
    }
    text
}

fn maybe(figure: Option<f64>) -> String {
    figure.map_or("–".to_owned(), number)
}

/// Three digits or all before the point, with thousands apart.
pub(crate) fn number(figure: f64) -> String {
    let decimals = match figure.abs() {
        small if small < 0.05 => return "0".to_owned(),
        small if small < 10.0 => 2,
        small if small < 100.0 => 1,
        _ => 0,
    };
    let text = format!("{figure:.decimals$}");
    let (whole, rest) = text.split_at(text.find('.').unwrap_or(text.len()));
    let mut grouped = String::new();
    for (at, digit) in whole.chars().enumerate() {
        if at > 0 && (whole.len() - at) % 3 == 0 {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_the_digits_that_matter() {
        let shown = [0.001, 2.0, 31.27, 1234.5, 1_234_567.8].map(number);
        assert_eq!(shown, ["0", "2.00", "31.3", "1,234", "1,234,568"]);
    }
}
