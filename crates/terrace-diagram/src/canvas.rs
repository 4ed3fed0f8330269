//! Shapes as SVG text (SVG 1.1), with whole coordinates.

use std::fmt::Write as _;

/// A rectangle, in pixels from the upper left corner.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Area {
    pub(crate) x: i32,
    pub(crate) y: i32,
    pub(crate) width: i32,
    pub(crate) height: i32,
}

impl Area {
    pub(crate) const fn centre(self) -> i32 {
        self.x + self.width / 2
    }

    pub(crate) const fn middle(self) -> i32 {
        self.y + self.height / 2
    }

    pub(crate) const fn bottom(self) -> i32 {
        self.y + self.height
    }

    pub(crate) const fn right(self) -> i32 {
        self.x + self.width
    }
}

/// What has been drawn.
#[derive(Debug, Default)]
pub(crate) struct Canvas(String);

const STYLE: &str = "\
text{font:13px system-ui,-apple-system,'Segoe UI',sans-serif;fill:#1f2a24}\
.title{font-size:20px;font-weight:600}.sub{font-size:12px;fill:#5b6b62}.name{font-weight:600}\
.tier{font-size:15px;font-weight:600;fill:#355143}.port{font-size:11px;fill:#7a3e12;font-weight:600}\
.halo{stroke:#fff;stroke-width:4px;paint-order:stroke;stroke-linejoin:round}\
.flow{stroke:#b4570f;stroke-width:1.6;fill:none}.copy{stroke:#5b6b62;stroke-width:1.3;fill:none;stroke-dasharray:5 4}\
.box{fill:#fff;stroke:#48685a;stroke-width:1.3}.wide{fill:#fdf3e4;stroke:#b4570f;stroke-width:1.3}\
.outside{fill:#eef1f6;stroke:#65748b;stroke-width:1.3}.subnet{fill:#fff;fill-opacity:.55;stroke:#9db5a6;stroke-dasharray:3 3}\
.vpc{fill:none;stroke:#355143;stroke-width:1.6}.zone{fill:none;stroke:#c3cfc7;stroke-dasharray:8 6}";

impl Canvas {
    pub(crate) fn rectangle(&mut self, class: &str, area: Area, round: i32) {
        let Area { x, y, width, height } = area;
        let _ = writeln!(
            self.0,
            r#"<rect class="{class}" x="{x}" y="{y}" width="{width}" height="{height}" rx="{round}"/>"#
        );
    }

    pub(crate) fn band(&mut self, fill: &str, area: Area) {
        let Area { x, y, width, height } = area;
        let _ = writeln!(
            self.0,
            r#"<rect fill="{fill}" x="{x}" y="{y}" width="{width}" height="{height}" rx="6"/>"#
        );
    }

    pub(crate) fn text(&mut self, class: &str, anchor: &str, x: i32, y: i32, text: &str) {
        let text = escaped(text);
        let _ =
            writeln!(self.0, r#"<text class="{class}" text-anchor="{anchor}" x="{x}" y="{y}">{text}</text>"#);
    }

    /// A box with a name and a line below it.
    pub(crate) fn labelled(&mut self, class: &str, area: Area, name: &str, below: &str) {
        self.rectangle(class, area, 7);
        let y = if below.is_empty() { area.middle() + 5 } else { area.middle() - 2 };
        self.text("name", "middle", area.centre(), y, name);
        if !below.is_empty() {
            self.text("sub", "middle", area.centre(), area.middle() + 15, below);
        }
    }

    /// A line with an arrow at its end, through these points, and its flow as a tooltip.
    pub(crate) fn arrow(&mut self, class: &str, points: &[(i32, i32)], about: &str) {
        let mut path = String::new();
        for (at, (x, y)) in points.iter().enumerate() {
            let _ = write!(path, "{}{x} {y}", if at == 0 { "M" } else { "L" });
        }
        let about = escaped(about);
        let end = if class == "flow" { r#" marker-end="url(#tip)""# } else { "" };
        let _ = writeln!(self.0, r#"<path class="{class}" d="{path}"{end}><title>{about}</title></path>"#);
    }

    pub(crate) fn port(&mut self, x: i32, y: i32, anchor: &str, text: &str) {
        self.text("port halo", anchor, x, y, text);
    }

    /// The whole document.
    pub(crate) fn document(self, title: &str, width: i32, height: i32) -> String {
        let title = escaped(title);
        format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" width=\"{width}\" \
             height=\"{height}\" role=\"img\" aria-label=\"{title}\">\n<title>{title}</title>\n<style>{STYLE}</style>\n\
             <defs><marker id=\"tip\" viewBox=\"0 0 8 8\" refX=\"7\" refY=\"4\" markerWidth=\"7\" markerHeight=\"7\" \
             orient=\"auto-start-reverse\"><path d=\"M0 0L8 4L0 8z\" fill=\"#b4570f\"/></marker></defs>\n\
             <rect width=\"{width}\" height=\"{height}\" fill=\"#fff\"/>\n{}</svg>\n",
            self.0
        )
    }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
