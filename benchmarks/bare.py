"""The least Flask can do: one view, one string of a page's size. What everything else is measured against."""

from flask import Flask

PAGE = "<!doctype html><title>x</title><p>" + "palabra " * 500

app = Flask(__name__)


@app.get("/")
def page() -> str:
    return PAGE
