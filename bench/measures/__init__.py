"""One function a measure: this package's modules are the built-in catalogue of measures."""
