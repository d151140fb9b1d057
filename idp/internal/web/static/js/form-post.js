// The answer to a service goes on by itself; without scripts the button does it.
document.querySelector("[data-form-post]").submit();
