"""Charts as SVG text, readable on light and on dark ground: the colours are in a style that follows the reader's."""

import math
from xml.sax.saxutils import escape

WIDTH = 760
FONT = "font-family: system-ui, -apple-system, 'Segoe UI', sans-serif; font-size: 13px"
STYLE = f"""
  text {{ {FONT}; fill: #24292f }} .quiet {{ fill: #57606a }} .title {{ font-weight: 600; font-size: 15px }} .right {{ text-anchor: end }}
  .middle {{ text-anchor: middle }} .grid {{ stroke: #d0d7de; stroke-width: 1 }} .axis {{ stroke: #57606a; stroke-width: 1 }}
  .a {{ fill: #0969da; stroke: #0969da }} .b {{ fill: #bc4c00; stroke: #bc4c00 }} .c {{ fill: #8c959f; stroke: #8c959f }}
  .line {{ fill: none; stroke-width: 2.5 }} .dashed {{ stroke-dasharray: 6 5 }} .target {{ stroke: #24292f; stroke-width: 2.5 }}
  text.a, text.b, text.c {{ stroke: none }}
  @media (prefers-color-scheme: dark) {{
    text {{ fill: #e6edf3 }} .quiet {{ fill: #9198a1 }} .grid {{ stroke: #3d444d }} .axis {{ stroke: #9198a1 }}
    .a {{ fill: #4493f8; stroke: #4493f8 }} .b {{ fill: #f0883e; stroke: #f0883e }} .c {{ fill: #7d8590; stroke: #7d8590 }}
    .target {{ stroke: #e6edf3 }}
  }}
"""


def ratio_bars(title, rows):
    """Horizontal bars of (label, ratio, target or None): 1 is as long as the stock tool takes."""
    left, top, pitch, thickness = 250, 64, 30, 18
    widest = max([1.0, *(ratio for _, ratio, _ in rows)])
    scale = (WIDTH - left - 70) / widest
    height = top + pitch * len(rows) + 40
    bottom = top + pitch * len(rows)
    parts = [_text(16, 26, title, "title"), _text(16, 46, "part of the best stock variant's time; the mark is the target", "quiet")]
    for tick in _ticks(widest):
        x = left + tick * scale
        parts.append(_line(x, top - 8, x, bottom, "axis" if tick == 1 else "grid"))
        parts.append(_text(x, bottom + 18, f"{tick:g}", "quiet middle"))
    for index, (label, ratio, target) in enumerate(rows):
        y = top + pitch * index
        is_met = target is None or ratio <= target
        parts.append(_text(left - 10, y + thickness - 4, label, "right"))
        parts.append(f'<rect class="{"a" if is_met else "b"}" x="{left}" y="{y}" width="{ratio * scale:.1f}" height="{thickness}" rx="2"/>')
        number_x = left + ratio * scale + 8
        if target is not None:
            x = left + target * scale
            parts.append(_line(x, y - 4, x, y + thickness + 4, "target"))
            number_x = x + 8 if number_x - 8 <= x < number_x + 30 else number_x
        parts.append(_text(number_x, y + thickness - 4, f"{ratio:.2f}", ""))
    return _picture(height, title, parts)


def rate_lines(title, what, series, ideal=None):
    """Rate over jobs, both on scales of powers: series of (label, {jobs: rate}); `ideal` is the rate of one job."""
    left, top, right, bottom, height = 70, 64, WIDTH - 170, 360, 410
    jobs = sorted({count for _, points in series for count in points})
    rates = [rate for _, points in series for rate in points.values()]
    low, high = math.floor(math.log2(min(rates))), math.ceil(math.log2(max([*rates, ideal * jobs[-1] if ideal else 0])))

    def x_of(count):
        return left + (right - left) * math.log2(count / jobs[0]) / max(1e-9, math.log2(jobs[-1] / jobs[0]))

    def y_of(rate):
        return bottom - (bottom - top) * (math.log2(rate) - low) / max(1, high - low)

    parts = [_text(16, 26, title, "title"), _text(16, 46, what, "quiet")]
    for power in range(low, high + 1):
        parts.append(_line(left, y_of(2**power), right, y_of(2**power), "grid"))
        parts.append(_text(left - 10, y_of(2**power) + 4, f"{2**power:g}", "quiet right"))
    for count in jobs:
        parts.append(_text(x_of(count), bottom + 22, f"-j{count}", "quiet middle"))
    if ideal:
        parts.append(_line(x_of(jobs[0]), y_of(ideal * jobs[0]), x_of(jobs[-1]), y_of(ideal * jobs[-1]), "axis dashed"))
        parts.append(_text(x_of(jobs[-1]) + 10, y_of(ideal * jobs[-1]) - 8, "each session counts", "quiet"))
    for style, (label, points) in zip("abc", series):
        path = " ".join(f"{x_of(count):.1f},{y_of(rate):.1f}" for count, rate in sorted(points.items()))
        parts.append(f'<polyline class="{style} line" points="{path}" style="fill: none"/>')
        parts += [f'<circle class="{style}" cx="{x_of(count):.1f}" cy="{y_of(rate):.1f}" r="4"/>' for count, rate in points.items()]
        last = max(points)
        parts.append(_text(x_of(last) + 10, y_of(points[last]) + 10, label, style))
    return _picture(height, title, parts)


def _picture(height, title, parts):
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}" role="img"'
        f' aria-label="{escape(title)}">'
    )
    return "\n".join([head, f"<style>{STYLE}</style>", *parts, "</svg>"]) + "\n"


def _text(x, y, text, style):
    return f'<text x="{x:.1f}" y="{y:.1f}" class="{style}">{escape(text)}</text>'


def _line(x1, y1, x2, y2, style):
    return f'<line class="{style}" x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}"/>'


def _ticks(widest):
    step = 0.25 if widest <= 2 else 1
    return [count * step for count in range(int(widest / step) + 1)]
