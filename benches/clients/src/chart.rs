//! The charts: processor time beside the floor's, and per element as replies grow.

use std::path::Path;

use anyhow::{Result, anyhow};
use plotters::{coord::Shift, prelude::*};

use crate::{
    contenders::{FLOOR, OURS},
    figures::Results,
    growth::Line,
    tables::number,
};

/// What is shown, and with which words.
const ROWS: [(&str, &str); 7] = [
    ("GET", "GET"),
    ("pipeline 100", "pipeline of 100"),
    ("pipeline 10,000", "pipeline of 10,000"),
    ("LRANGE strings", "LRANGE of 1,000"),
    ("HGETALL", "HGETALL of 1,000"),
    ("MGET", "MGET of 1,000"),
    ("SET 1 MiB", "SET of 1 MiB"),
];
const BARS: [(&str, RGBColor); 6] = [
    (OURS, RGBColor(214, 69, 65)),
    ("hiredis", RGBColor(52, 73, 94)),
    ("redis-rs", RGBColor(95, 125, 155)),
    ("redis-rs mux", RGBColor(140, 165, 190)),
    ("rustis", RGBColor(175, 190, 205)),
    ("fred", RGBColor(205, 213, 222)),
];

/// Bars end here; the number beside says how long they would be.
const LONGEST: f64 = 16.0;
const BAR: i32 = 12;
const GROUP: i32 = BAR * BARS.len() as i32 + 14;
const LEFT: i32 = 150;
const TOP: i32 = 70;
const SIZE: (u32, u32) = (860, (TOP + GROUP * ROWS.len() as i32 + 20) as u32);

/// Writes it as SVG.
pub(crate) fn draw(results: &Results, path: &Path) -> Result<()> {
    let area = SVGBackend::new(path, SIZE).into_drawing_area();
    paint(&area, results).map_err(|error| anyhow!("cannot draw the chart: {error}"))
}

fn paint<B: DrawingBackend>(
    area: &DrawingArea<B, Shift>,
    results: &Results,
) -> Result<(), DrawingAreaErrorKind<B::ErrorType>> {
    let text = |size: u32| ("sans-serif", size).into_font().color(&BLACK);
    area.fill(&WHITE)?;
    let title = "Client CPU per call, as a multiple of a raw socket that builds the same values";
    area.draw(&Text::new(title, (16, 14), text(16)))?;
    for (at, (name, colour)) in BARS.iter().enumerate() {
        let x = LEFT + 110 * at as i32;
        area.draw(&bar((x, 44), (x + 12, 56), *colour))?;
        area.draw(&Text::new(*name, (x + 18, 43), text(13)))?;
    }
    let unit = f64::from(SIZE.0 as i32 - LEFT - 60) / LONGEST;
    let x_of = |ratio: f64| LEFT + (ratio.min(LONGEST) * unit) as i32;
    for (row, (workload, words)) in ROWS.iter().enumerate() {
        let top = TOP + GROUP * row as i32;
        area.draw(&Text::new(*words, (16, top + GROUP / 2 - 14), text(13)))?;
        let floor = results.find(workload, FLOOR);
        for (at, (name, colour)) in BARS.iter().enumerate() {
            let figures = results.find(workload, name);
            let Some((figures, floor)) = figures.zip(floor) else {
                continue;
            };
            let ratio = figures.cpu_relative_to(floor);
            let y = top + BAR * at as i32;
            area.draw(&bar((LEFT, y), (x_of(ratio), y + BAR - 2), *colour))?;
            let label = format!("{ratio:.1}");
            area.draw(&Text::new(label, (x_of(ratio) + 4, y - 1), text(11)))?;
        }
    }
    // The floor itself.
    let line = vec![(x_of(1.0), TOP - 6), (x_of(1.0), SIZE.1 as i32 - 16)];
    area.draw(&PathElement::new(line, BLACK.mix(0.5)))?;
    area.present()
}

fn bar(from: (i32, i32), to: (i32, i32), colour: RGBColor) -> Rectangle<(i32, i32)> {
    Rectangle::new([from, to], colour.filled())
}

/// Draws how the cost per element goes with the number of elements, both by powers of ten.
pub(crate) fn draw_lines(lines: &[Line], path: &Path) -> Result<()> {
    let area = SVGBackend::new(path, (860, 420)).into_drawing_area();
    paint_lines(&area, lines).map_err(|error| anyhow!("cannot draw the chart: {error}"))
}

fn paint_lines<B: DrawingBackend>(
    area: &DrawingArea<B, Shift>,
    lines: &[Line],
) -> Result<(), DrawingAreaErrorKind<B::ErrorType>> {
    const COLOURS: [RGBColor; 5] = [
        RGBColor(214, 69, 65),
        RGBColor(230, 126, 34),
        RGBColor(39, 130, 96),
        RGBColor(41, 98, 163),
        RGBColor(120, 130, 140),
    ];
    let points = || lines.iter().flat_map(|line| &line.points);
    let most = points().map(|&(length, _)| length).max().unwrap_or(10) as f64;
    let highest = points().map(|&(_, cost)| cost).fold(10.0, f64::max);
    area.fill(&WHITE)?;
    let x_of = |length: f64| LEFT + (length.log10() / most.log10() * 560.0) as i32;
    let y_of = |cost: f64| 370 - (cost.max(1.0).log10() / highest.log10() * 310.0) as i32;
    let text = |size: u32| ("sans-serif", size).into_font().color(&BLACK);
    let title = "Client CPU per element of an LRANGE reply, in nanoseconds";
    area.draw(&Text::new(title, (16, 14), text(16)))?;
    let powers = |limit: f64| {
        (0..)
            .map(|power| 10f64.powi(power))
            .take_while(move |&at| at <= limit)
    };
    for cost in powers(highest) {
        let y = y_of(cost);
        let line = vec![(LEFT, y), (LEFT + 560, y)];
        area.draw(&PathElement::new(line, BLACK.mix(0.15)))?;
        area.draw(&Text::new(number(cost), (LEFT - 60, y - 7), text(12)))?;
    }
    for length in powers(most) {
        area.draw(&Text::new(
            number(length),
            (x_of(length) - 14, 380),
            text(12),
        ))?;
    }
    area.draw(&Text::new("elements", (LEFT + 250, 398), text(12)))?;
    for (line, colour) in lines.iter().zip(COLOURS) {
        let points: Vec<(i32, i32)> = line
            .points
            .iter()
            .map(|&(length, cost)| (x_of(length as f64), y_of(cost)))
            .collect();
        let end = points.last().copied().unwrap_or_default();
        area.draw(&PathElement::new(points, colour.stroke_width(2)))?;
        let name = Text::new(
            line.name.as_str(),
            (end.0 + 6, end.1 - 7),
            text(12).color(&colour),
        );
        area.draw(&name)?;
    }
    area.present()
}
