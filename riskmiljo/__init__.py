"""riskmiljo maps the places and hours where trouble gathers; `import riskmiljo as rm`."""
