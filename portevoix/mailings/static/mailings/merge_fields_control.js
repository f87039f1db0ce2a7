/**
 * Buttons under the rich text editor that insert merge fields where the caret is, like those under text fields
 * (controllers/merge_fields_controller.js). A classic script, because Draftail asks for its plugins before modules run.
 */
(() => {
  const { EditorState, Modifier } = window.DraftJS;
  const { createElement } = window.React;

  function fields() {
    return JSON.parse(document.getElementById("merge-fields")?.textContent ?? "[]");
  }

  function written({ name, otherwise, words }) {
    if (words) return words;
    return otherwise ? `{{ ${name}|${otherwise} }}` : `{{ ${name} }}`;
  }

  function insert(editorState, words) {
    const content = Modifier.replaceText(editorState.getCurrentContent(), editorState.getSelection(), words);
    return EditorState.forceSelection(
      EditorState.push(editorState, content, "insert-characters"),
      content.getSelectionAfter(),
    );
  }

  function MergeFields({ getEditorState, onChange }) {
    const button = (field) =>
      createElement(
        "button",
        {
          key: field.label,
          type: "button",
          className: "merge-bar__field",
          title: written(field),
          onMouseDown: (event) => event.preventDefault(), // the caret stays where it is
          onClick: () => onChange(insert(getEditorState(), written(field))),
        },
        field.label,
      );
    return createElement("div", { className: "merge-bar" }, fields().map(button));
  }

  window.draftail.registerPlugin({ type: "merge-fields", meta: MergeFields }, "controls");
})();
