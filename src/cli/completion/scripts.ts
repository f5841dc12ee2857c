/** The shells that are served, each with what it takes to ask this program at every TAB. */
export const shells = ["bash", "zsh", "fish"] as const;
export type Shell = (typeof shells)[number];

/**
 * The script that teaches a shell. It asks `ramet __complete WORDS… CURRENT`, which prints `word<TAB>what it is` lines, or the one line
 * `:files` when file names are wanted. The command is asked as the user typed it, so that `./ramet` asks itself.
 */
export function completionScript(shell: Shell): string {
  return { bash, zsh, fish }[shell];
}

/** A colon and an equals sign break words in bash (COMP_WORDBREAKS); none of our words has one. */
const bash = `# ramet completion bash
_ramet() {
  local current=\${COMP_WORDS[COMP_CWORD]} lines
  lines=$("\${COMP_WORDS[0]}" __complete -- "\${COMP_WORDS[@]:1:COMP_CWORD-1}" "$current" 2>/dev/null)
  COMPREPLY=()
  if [ "$lines" = ":files" ]; then
    compopt -o filenames
    mapfile -t COMPREPLY < <(compgen -f -- "$current")
  elif [ -n "$lines" ]; then
    mapfile -t COMPREPLY < <(printf '%s\\n' "$lines" | cut -f 1)
  fi
}
complete -F _ramet ramet
`;

const zsh = `#compdef ramet
# ramet completion zsh
_ramet() {
  local -a lines candidates
  lines=("\${(@f)$("\${words[1]}" __complete -- "\${(@)words[2,CURRENT-1]}" "\${words[CURRENT]}" 2>/dev/null)}")
  if [[ "\${lines[1]}" == ":files" ]]; then
    _files
    return
  fi
  local line
  for line in $lines; do
    [[ -n "$line" ]] && candidates+=("\${\${line%%$'\\t'*}//:/\\\\:}:\${line#*$'\\t'}")
  done
  (( \${#candidates} )) && _describe ramet candidates
}
compdef _ramet ramet
`;

const fish = `# ramet completion fish
function __ramet_complete
    set -l words (commandline -opc)
    set -l lines ($words[1] __complete -- $words[2..] (commandline -ct) 2>/dev/null)
    if test "$lines" = ":files"
        __fish_complete_path (commandline -ct)
    else
        printf '%s\\n' $lines
    end
end
complete -c ramet -f -a '(__ramet_complete)'
`;
